"""The technologies behind identity's ports."""
