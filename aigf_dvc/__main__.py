"""`python -m aigf_dvc` is the command `aigf`."""

from aigf_dvc.cli.start import main

if __name__ == "__main__":
    main()
