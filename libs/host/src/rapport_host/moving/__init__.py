"""`rapport migrate`: an embedded installation moves to the engines that the environment names, and keeps its data."""
