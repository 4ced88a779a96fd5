//! A mail server: it speaks SMTP, with TLS and passwords, and takes everything, or what it is told to.

mod letter;
mod session;

pub use letter::Mail;

use rustls::pki_types::PrivateKeyDer;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A running mail server on a port of its own; its user is [`MailServer::USER`].
#[derive(Debug)]
pub struct MailServer {
    port: u16,
    certificate: rcgen::Certificate,
    state: Arc<Mutex<MailState>>,
    /// Its thread ends when this goes.
    _open: oneshot::Sender<()>,
}

/// How a mail server behaves, and what it took.
#[derive(Debug)]
pub struct MailState {
    /// The ways to say a password that it offers.
    pub offers: &'static str,
    /// Whether it offers STARTTLS.
    pub offers_tls: bool,
    /// Addresses that it does not know.
    pub refuses: Vec<String>,
    /// Whether it hangs up on everybody.
    pub down: bool,
    /// What it took.
    pub taken: Vec<Mail>,
}

impl MailServer {
    /// Who may send.
    pub const USER: &str = "post";
    /// His password.
    pub const PASSWORD: &str = "geheim";

    /// Starts one for `localhost`.
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn start() -> Self {
        let own = rcgen::generate_simple_self_signed([String::from("localhost")]);
        let own = own.expect("a certificate");
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows them")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("its own certificate");
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = std::net::TcpListener::bind("localhost:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        listener
            .set_nonblocking(true)
            .expect("a socket can do that");
        let state = Arc::new(Mutex::new(MailState {
            offers: "PLAIN LOGIN",
            offers_tls: true,
            refuses: Vec::new(),
            down: false,
            taken: Vec::new(),
        }));
        let known = Arc::clone(&state);
        let (open, closed) = oneshot::channel();
        std::thread::spawn(move || serve(listener, &tls, &known, closed));
        Self {
            port,
            certificate: own.cert,
            state,
            _open: open,
        }
    }

    /// Where it listens on `localhost`.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its certificate, which nobody has signed.
    #[must_use]
    pub const fn certificate(&self) -> &rcgen::Certificate {
        &self.certificate
    }

    /// How it behaves, to be changed.
    pub fn state(&self) -> MutexGuard<'_, MailState> {
        locked(&self.state)
    }

    /// What it took.
    #[must_use]
    pub fn taken(&self) -> Vec<Mail> {
        self.state().taken.clone()
    }

    /// Its part of a site file, with STARTTLS and a password.
    #[must_use]
    pub fn site(&self) -> String {
        format!(
            "[smtp]\nhost = \"localhost\"\nport = {}\nuser = \"{}\"\npassword = \"{}\"\nfrom = \"pbx@example.org\"\n",
            self.port,
            Self::USER,
            Self::PASSWORD
        )
    }
}

/// Speaks with clients until the server is closed.
fn serve(
    listener: std::net::TcpListener,
    tls: &TlsAcceptor,
    state: &Arc<Mutex<MailState>>,
    closed: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("a socket of the runtime");
        let accept = async {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(session::converse(stream, tls.clone(), Arc::clone(state)));
            }
        };
        tokio::select! {
            () = accept => {}
            _ = closed => {}
        }
    });
}

/// A test that failed elsewhere leaves nothing half done here.
fn locked(state: &Mutex<MailState>) -> MutexGuard<'_, MailState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
