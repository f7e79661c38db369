"""Verifies the signature of a model's bytes that `--oms` names, and shows what came of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.verify_oms import SignedModel, verify_oms
from aigf_dvc.attestation.oms_verification import OmsVerification
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.chosen_signer import Pki, chosen_signer
from aigf_dvc.cli.options import reading_progress, use_color
from aigf_dvc.clock import now
from aigf_dvc.report.oms_text import oms_as_json, oms_text
from aigf_dvc.signing.open import CertificateSigner, ChainSigner, OmsSigner


def signed_model(file: Path, given: Mapping[str, Any]) -> OmsVerification:  # Any: option values
    """Verify the signature in a file, by the signer whom the options name.

    Raises:
        click.UsageError, InputError: the signer is incomplete, or a file cannot be read.
    """
    signer = _signer(given)
    model = SignedModel(
        path=given["artifact"], signature=read_file(file), signature_path=file.absolute()
    )
    with reading_progress() as progress:
        return verify_oms(model, signer=signer, progress=progress)


def _signer(given: Mapping[str, Any]) -> OmsSigner:
    pki = Pki(signers=given["signers"], times=given["times"])
    identity = given["identity"]
    if pki.signers is not None and pki.times is None and identity is not None:
        other = given["key"] or given["issuer"] or given["trusted_root"]
        if not other:  # else the one below says what is wrong
            return ChainSigner(identity=identity, signers=read_file(pki.signers), now=now())
    found = chosen_signer(
        given["key"], identity, given["issuer"], trusted_root=given["trusted_root"], pki=pki
    )
    if isinstance(found, CertificateSigner):
        return ChainSigner(
            identity=found.identity, signers=found.signers, times=found.times, now=now()
        )
    return found


def show_signed(signed: OmsVerification, model: Path, form: str) -> None:
    """Print what came of it, as text or JSON."""
    if form == "json":
        document = {"artifact": str(model), "accepted": None, "oms": oms_as_json(signed)}
        click.echo(pretty(document))
    else:
        click.echo(oms_text(signed, model=str(model), color=use_color()), nl=False)
