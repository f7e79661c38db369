"""The steps that hold a verified statement against what a judge demands; one file each."""
