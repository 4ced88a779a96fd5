//! The way to the mail server: SMTP (RFC 5321), STARTTLS (RFC 3207) or TLS at once (RFC 8314), AUTH (RFC 4954).

use super::letter::Letter;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use model::{Mail, MailSecurity};
use std::time::Duration;

/// How mail servers are spoken with.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Delivery {
    /// Who is trusted besides those that the system trusts.
    pub(super) trusted: Vec<Certificate>,
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// Another try may do better.
    #[error("{0}")]
    Passing(String),
    /// It never will.
    #[error("{0}")]
    Refused(String),
}

impl Delivery {
    /// Sends a letter. When the server refuses it because of one of its addresses, the others get it.
    pub(super) async fn send(&self, mail: &Mail, letter: &Letter) -> Result<(), Failure> {
        let to: Vec<Mailbox> = letter
            .to
            .iter()
            .filter_map(|to| match to.parse::<Address>() {
                Ok(address) => Some(Mailbox::new(Some(letter.name.clone()), address)),
                Err(error) => {
                    tracing::warn!(%error, "an address of a mailbox's owner is none");
                    None
                }
            })
            .collect();
        if to.is_empty() {
            return Err(Failure::Refused(String::from("there is no usable address")));
        }
        let transport = self.transport(mail)?;
        let sent = transport.send(compose(mail, letter, &to)?).await;
        match sent.map_err(failure) {
            Err(Failure::Refused(_)) if to.len() > 1 => {}
            other => return other.map(drop),
        }
        let mut outcome = Err(Failure::Refused(String::from("every address is refused")));
        for one in &to {
            let sent = transport
                .send(compose(mail, letter, std::slice::from_ref(one))?)
                .await;
            match sent.map_err(failure) {
                Ok(_) => outcome = Ok(()),
                Err(error) => {
                    tracing::warn!("one address of several does not get its mail: {error}")
                }
            }
        }
        outcome
    }

    fn transport(&self, mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
        let tls = || {
            let parameters = TlsParameters::builder(mail.host.clone());
            let trusted = self.trusted.iter().cloned();
            let parameters = trusted.fold(parameters, |parameters, certificate| {
                parameters.add_root_certificate(certificate)
            });
            parameters.build_rustls().map_err(failure)
        };
        let tls = match mail.security {
            MailSecurity::None => Tls::None,
            MailSecurity::StartTls => Tls::Required(tls()?),
            MailSecurity::Tls => Tls::Wrapper(tls()?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&*mail.host)
            .port(mail.port)
            .tls(tls)
            .timeout(Some(ANSWER_WITHIN));
        if !mail.user.is_empty() {
            let credentials = Credentials::new(mail.user.clone(), mail.password.0.clone());
            transport = transport
                .credentials(credentials)
                .authentication(vec![Mechanism::Plain, Mechanism::Login]);
        }
        Ok(transport.build())
    }
}

fn compose(mail: &Mail, letter: &Letter, to: &[Mailbox]) -> Result<Message, Failure> {
    let refused = |error: &dyn std::fmt::Display| Failure::Refused(error.to_string());
    let from = match &*mail.from {
        "" => format!("bellwire@{}", mail.host),
        from => from.to_owned(),
    };
    // The administrator may correct it meanwhile.
    let from: Mailbox = from
        .parse()
        .map_err(|error| Failure::Passing(format!("the sender {from:?} is no address: {error}")))?;
    let id = format!("<{}@{}>", letter.id, from.email.domain());
    let message = to
        .iter()
        .cloned()
        .fold(Message::builder(), |message, to| message.to(to));
    let message = message
        .from(from)
        .subject(&*letter.subject)
        .message_id(Some(id));
    let text = SinglePart::plain(letter.text.clone());
    let message = match &letter.attached {
        None => message.singlepart(text),
        Some((name, sound)) => {
            let kind = ContentType::parse("audio/wav").map_err(|error| refused(&error))?;
            let sound = Attachment::new(name.clone()).body(sound.clone(), kind);
            message.multipart(MultiPart::mixed().singlepart(text).singlepart(sound))
        }
    };
    message.map_err(|error| refused(&error))
}

/// Only what the server says of the mail itself is final (55x, RFC 5321 §4.2.3): passwords and certificates are
/// corrected by somebody some day.
fn failure(error: lettre::transport::smtp::Error) -> Failure {
    let status = error.status().map(u16::from);
    let cause = std::error::Error::source(&error);
    let why = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    match status {
        Some(550..=559) => Failure::Refused(why),
        Some(_) | None => Failure::Passing(why),
    }
}

/// How long a mail server may take for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
