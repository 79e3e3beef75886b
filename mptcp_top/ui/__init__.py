"""The screens: functions of (store, cursor), drawn line by line."""
