//! Whom we believe when we begin a TLS connection to a trunk.

use anyhow::{Context, Result};
use model::TlsTrust;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// Who is expected at the other end of a TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    /// For whom the certificate must be: the trunk's host, whatever server SRV leads to (RFC 5922 §7.1).
    pub(super) name: String,
    /// Who must have signed it.
    pub(super) trust: TlsTrust,
}

impl Peer {
    /// The name as TLS sends and checks it.
    pub(super) fn server_name(&self) -> Result<ServerName<'static>> {
        ServerName::try_from(self.name.clone())
            .context("the host is no name that a certificate has")
    }

    /// What a TLS client does: TLS 1.2 or 1.3. Reads files.
    pub(super) fn client(&self) -> Result<Arc<ClientConfig>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .context("the TLS versions do not fit the ciphers")?;
        let builder = match &self.trust {
            TlsTrust::System => builder.with_root_certificates(system()),
            TlsTrust::File(path) => builder.with_root_certificates(file(path)?),
            TlsTrust::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anyone(provider))),
        };
        Ok(Arc::new(builder.with_no_client_auth()))
    }
}

/// The authorities of this machine. Those that cannot be read are left out.
fn system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn file(path: &str) -> Result<RootCertStore> {
    let cannot = || format!("tls_trust {path} cannot be read; it must be a PEM file");
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .with_context(cannot)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).with_context(cannot)?;
    }
    Ok(roots)
}

/// Believes any certificate, but not that somebody has its key who has not.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
