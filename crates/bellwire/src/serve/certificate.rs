//! The certificate that is shown to phones and browsers: one from files, or one made at the first start.

use super::addresses;
use crate::config::Tls;
use anyhow::{Context, Result};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// The certificate in use. Copies show the same one, also after it was read again.
#[derive(Clone, Debug)]
pub(super) struct Certificate(Arc<Shown>);

#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Reads the configured files, or the self-signed certificate of the data folder, which is made when
    /// it is missing.
    pub(super) fn load(tls: &Tls, data: &Path) -> Result<Self> {
        let key = read(tls, data)?;
        Ok(Self(Arc::new(Shown(RwLock::new(key)))))
    }

    /// Reads the files again (SIGHUP). New connections see the new certificate; if it cannot be read, the
    /// old one stays.
    pub(super) fn reload(&self, tls: &Tls, data: &Path) -> Result<()> {
        let key = read(tls, data)?;
        *self.0.0.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    /// What a TLS server does with it: TLS 1.2 or 1.3, no certificates of clients. `protocols` is offered
    /// by ALPN.
    pub(super) fn server(&self, protocols: &[&str]) -> Result<Arc<ServerConfig>> {
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .context("the TLS versions do not fit the ciphers")?;
        let mut config = builder
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&key))
    }
}

fn read(tls: &Tls, data: &Path) -> Result<Arc<CertifiedKey>> {
    match tls {
        Tls::Files { certificate, key } => pair(certificate, key),
        Tls::SelfSigned => {
            let (certificate, key) = (data.join(CERTIFICATE), data.join(KEY));
            if !certificate.exists() || !key.exists() {
                make(&certificate, &key)?;
            }
            pair(&certificate, &key)
        }
    }
}

fn pair(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .with_context(|| {
            format!(
                "the certificate {} cannot be read; it must be a PEM file",
                certificate.display()
            )
        })?;
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| {
        format!(
            "the key {} cannot be read; it must be a PEM file",
            key.display()
        )
    })?;
    let pair = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider());
    let pair = pair.with_context(|| {
        format!(
            "the certificate {} and the key {} do not belong together",
            certificate.display(),
            key.display()
        )
    })?;
    Ok(Arc::new(pair))
}

/// Makes a certificate for every address and name of this machine.
fn make(certificate: &Path, key: &Path) -> Result<()> {
    let cannot = "a certificate cannot be made; name your own in [tls]";
    let pair = KeyPair::generate().context(cannot)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Bellwire");
    let names = [addresses::host_name(), Some(String::from("localhost"))];
    for name in names.into_iter().flatten() {
        if let Ok(name) = name.try_into() {
            params.subject_alt_names.push(SanType::DnsName(name));
        }
    }
    let addresses = addresses::all().into_iter().map(SanType::IpAddress);
    params.subject_alt_names.extend(addresses);
    let (year, month, day) = (jiff::Zoned::now().year(), 1, 1);
    params.not_before = rcgen::date_time_ymd(i32::from(year), month, day);
    params.not_after = rcgen::date_time_ymd(i32::from(year) + VALID_YEARS, month, day);
    let made = params.self_signed(&pair).context(cannot)?;
    write(key, &pair.serialize_pem(), 0o600)?;
    write(certificate, &made.pem(), 0o644)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    // Whatever half of a pair is there is useless.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(cannot);
        }
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)?;
    file.sync_all().with_context(cannot)
}

/// The self-signed certificate in the data folder.
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "certificate.key";
const VALID_YEARS: i32 = 10;
