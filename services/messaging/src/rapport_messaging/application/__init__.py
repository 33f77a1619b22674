"""The verbs of messaging, one file a use case: functions of a transaction, or of the runtime where others are asked."""
