# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A certificate, and the authority that signed it and nothing else: its key is forgotten.

Whoever trusts the authority trusts this certificate alone. RFC 5280.
"""

from __future__ import annotations

import datetime
import ipaddress
from typing import TYPE_CHECKING, Dict, Sequence

if TYPE_CHECKING:
    from cryptography import x509

# Files of the secret NAME, beside its private key in NAME.
CERTIFICATE, AUTHORITY = ".crt", ".ca"

# What macOS and iOS take at the most from an authority that a user has added.
VALID = datetime.timedelta(days=825)
# Before the end, so that nobody meets it.
RENEWED = datetime.timedelta(days=30)
# Clocks differ.
_BEFORE = datetime.timedelta(hours=1)


def make(hosts: Sequence[str], now: datetime.datetime) -> Dict[str, bytes]:
    """Return what goes into the files with the endings "", CERTIFICATE and AUTHORITY, as PEM.

    hosts: names and addresses. Raises ImportError without the library `cryptography`.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def builder(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BEFORE)
            .not_valid_after(now + VALID)
        )

    def usage(**used: bool) -> x509.KeyUsage:
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        more = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        return x509.KeyUsage(**{name: used.get(name, False) for name in (*names, *more)})

    # Each authority has a name of its own, or a browser that knows an older one would try that one's key.
    issuer = "bunops local CA %s" % x509.random_serial_number().to_bytes(20, "big")[-4:].hex()
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _unused in range(2))
    authority = (
        builder(issuer, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(key_cert_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        builder(hosts[0], key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general_names(hosts)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    return {"": private, CERTIFICATE: certificate.public_bytes(pem), AUTHORITY: authority.public_bytes(pem)}


def is_good(certificate: bytes, hosts: Sequence[str], now: datetime.datetime) -> bool:
    """Whether a certificate that `make` made is for these hosts, and for a while yet. Raises ImportError."""
    from cryptography import x509

    try:
        read = x509.load_pem_x509_certificate(certificate)
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return list(names) == _general_names(hosts) and now < read.not_valid_after_utc - RENEWED


def _general_names(hosts: Sequence[str]) -> "list[x509.GeneralName]":
    from cryptography import x509

    found: "list[x509.GeneralName]" = []
    for host in hosts:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            found.append(x509.DNSName(host))
    return found
