//! Mail through a server that speaks SMTP, with TLS and passwords, and takes what is sent to it.

use super::*;
use crate::serve::clock::Clock;
use lettre::transport::smtp::client::Certificate;
use model::{
    Extension, Heard, Language, Mail, MailSecurity, MailboxChange, Message, Number, Party,
    Password, RecordingId, Secret, voice_file,
};
use rustls::pki_types::PrivateKeyDer;
use std::path::Path;
use std::sync::Mutex;
use store::DataFolder;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// VM-12 SET-03: several addresses, a name in Chinese, the message as a file.
#[test]
fn a_message_is_mailed_with_its_sound_over_starttls_with_a_password() {
    run(async |office, sink| {
        office
            .set_up(
                sink.mail(MailSecurity::StartTls),
                "a+vm@example.org, b@example.org",
            )
            .await;
        office.leave(1, "02885337100", "王五").await;
        assert_eq!(
            office.postman.round(office.now().await).await.unwrap(),
            None
        );
        let [letter] = &sink.taken()[..] else {
            panic!("{:?}", sink.taken())
        };
        assert!(letter.encrypted && letter.authenticated);
        assert_eq!(letter.to, ["a+vm@example.org", "b@example.org"]);
        let subject = letter.header("Subject");
        assert_eq!(words(&subject), "新的语音留言：王五 (02885337100)");
        assert_eq!(letter.header("From"), "pbx@example.org");
        assert!(letter.header("Message-ID").ends_with("@example.org>"));
        let text = String::from_utf8(letter.part("text/plain")).unwrap();
        for said in [
            "来自：王五 (02885337100)",
            "时间：2026-03-14 12:00:00",
            "时长：1:05",
            "*61",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert_eq!(letter.part("audio/wav"), sound());
    });
}

/// VM-12: in the language of the extension; TLS from the first byte, and a server that knows only AUTH LOGIN.
#[test]
fn a_message_is_mailed_in_english_over_tls() {
    run(async |office, sink| {
        sink.state().offers = "LOGIN";
        office
            .set_up(sink.mail(MailSecurity::Tls), "a@example.org")
            .await;
        office.speak(Language::English).await;
        office.leave(1, "", "").await;
        office.postman.round(office.now().await).await.unwrap();
        let letter = &sink.taken()[0];
        assert!(letter.encrypted && letter.authenticated);
        assert_eq!(
            letter.header("Subject"),
            "New voice message from an unknown caller"
        );
        let text = String::from_utf8(letter.part("text/plain")).unwrap();
        assert!(text.contains("From: an unknown caller\r\n"), "{text}");
    });
}

/// VM-12: SMTP down for an hour.
#[test]
fn mail_waits_longer_each_time_until_the_server_is_there() {
    run(async |office, sink| {
        office
            .set_up(sink.mail(MailSecurity::None), "a@example.org")
            .await;
        office.leave(1, "101", "").await;
        sink.state().down = true;
        let began = office.now().await;
        let mut now = began;
        let mut waits = Vec::new();
        while now.0 < began.0 + 3_600_000 {
            let next = office.postman.round(now).await.unwrap().unwrap();
            waits.push((next.0 - now.0) / 60_000);
            now = next;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32]);
        sink.state().down = false;
        assert_eq!(sink.taken().len(), 0);
        assert_eq!(
            office.postman.round(Wall(now.0 - 1)).await.unwrap(),
            Some(now)
        );
        assert_eq!(sink.taken().len(), 0, "it is not due yet");
        assert_eq!(office.postman.round(now).await.unwrap(), None);
        assert_eq!(sink.taken().len(), 1);
        sink.state().down = true;
        office.leave(2, "101", "").await;
        let late = Wall(office.now().await.0 + 4 * 24 * 3_600_000);
        assert_eq!(
            office.postman.round(late).await.unwrap(),
            None,
            "given up after three days"
        );
    });
}

/// VM-12: an address that the server does not know keeps no other mail from its owner.
#[test]
fn an_address_that_is_refused_does_not_keep_the_others_waiting() {
    run(async |office, sink| {
        sink.state().refuses = vec![String::from("gone@example.org")];
        office
            .set_up(
                sink.mail(MailSecurity::None),
                "gone@example.org;a@example.org;nonsense",
            )
            .await;
        office.leave(1, "101", "").await;
        assert_eq!(
            office.postman.round(office.now().await).await.unwrap(),
            None
        );
        let taken = sink.taken();
        assert_eq!(
            taken
                .iter()
                .map(|letter| &*letter.to[0])
                .collect::<Vec<_>>(),
            ["a@example.org"]
        );
        office
            .set_up(sink.mail(MailSecurity::None), "gone@example.org")
            .await;
        office.leave(2, "101", "").await;
        assert_eq!(
            office.postman.round(office.now().await).await.unwrap(),
            None,
            "it never will be taken"
        );
    });
}

/// VM-12: a wrong password is corrected some day, and the mail is not lost until then.
#[test]
fn mail_waits_while_the_password_is_wrong_and_is_not_sent_in_the_clear() {
    run(async |office, sink| {
        let wrong = Mail {
            password: Password(String::from("falsch")),
            ..sink.mail(MailSecurity::StartTls)
        };
        office.set_up(wrong, "a@example.org").await;
        office.leave(1, "101", "").await;
        assert!(
            office
                .postman
                .round(office.now().await)
                .await
                .unwrap()
                .is_some()
        );
        // A server that does not offer TLS gets neither password nor mail.
        sink.state().offers_tls = false;
        office
            .set_up(sink.mail(MailSecurity::StartTls), "a@example.org")
            .await;
        let later = Wall(office.now().await.0 + 24 * 3_600_000);
        assert!(office.postman.round(later).await.unwrap().is_some());
        assert_eq!(sink.taken().len(), 0);
        sink.state().offers_tls = true;
        let later = Wall(office.now().await.0 + 3_600_000);
        assert_eq!(office.postman.round(later).await.unwrap(), None);
        assert_eq!(sink.taken().len(), 1);
    });
}

/// SET-03: clearing the address stops mail; a message that its owner has deleted is not sent any more.
#[test]
fn nobody_is_mailed_who_does_not_want_it_any_more() {
    run(async |office, sink| {
        office
            .set_up(sink.mail(MailSecurity::None), "a@example.org")
            .await;
        office.leave(1, "101", "").await;
        let delete = MailboxChange::Delete(vec![RecordingId(1)]);
        office
            .postman
            .store
            .change_mailbox(number("100"), delete)
            .await
            .unwrap();
        office.leave(2, "101", "").await;
        office.set_up(sink.mail(MailSecurity::None), "").await;
        assert_eq!(
            office.postman.round(office.now().await).await.unwrap(),
            None
        );
        assert_eq!(sink.taken().len(), 0);
    });
}

/// VM-04
#[test]
fn the_owner_of_a_full_mailbox_is_told_so() {
    run(async |office, sink| {
        office
            .set_up(sink.mail(MailSecurity::None), "a@example.org")
            .await;
        for id in 0..model::MESSAGES_MAX as u64 {
            office.leave(id, "101", "").await;
        }
        office.postman.round(office.now().await).await.unwrap();
        let taken = sink.taken();
        let subjects = taken.iter().map(|letter| words(&letter.header("Subject")));
        assert_eq!(
            subjects
                .filter(|subject| subject == "语音信箱 100 已满")
                .count(),
            1
        );
        assert_eq!(taken.len(), model::MESSAGES_MAX + 1);
    });
}

/// Extension 100 with a mailbox.
struct Office {
    postman: Postman,
}

impl Office {
    async fn set_up(&self, mail: Mail, email: &str) {
        let email = email.to_owned();
        self.change(move |site, owner| {
            site.mail = mail;
            owner.email = email;
        })
        .await;
    }

    /// A minute after the first mail that waits was put out: whatever followed it is due too.
    async fn now(&self) -> Wall {
        let first = self.postman.store.next_mail().await.unwrap();
        Wall(first.unwrap().0 + 60_000)
    }

    async fn speak(&self, language: Language) {
        self.change(move |_, owner| owner.language = Some(language))
            .await;
    }

    async fn change(&self, change: impl FnOnce(&mut Site, &mut Extension) + Send + 'static) {
        let changed = self.postman.store.change(move |site| {
            let mut site = site.clone();
            let mut directory = (*site.directory).clone();
            let secret = Secret {
                md5: [0; 16],
                sha256: [0; 32],
            };
            let new = || Arc::new(Extension::new(number("100"), "张三", secret));
            let owner = directory
                .extensions
                .entry(number("100"))
                .or_insert_with(new);
            change(&mut site, Arc::make_mut(owner));
            site.directory = Arc::new(directory);
            Some(site)
        });
        changed.await.unwrap();
    }

    /// A message of 65 s, left at noon in Shanghai.
    async fn leave(&self, id: u64, from: &str, name: &str) {
        let message = Message {
            id: RecordingId(id),
            at: Wall(1_773_460_800_000),
            from: Party {
                number: Number::parse(from).ok(),
                name: name.to_owned(),
            },
            length: Duration::from_millis(65_400),
            heard: Heard::New,
        };
        let file = self.postman.files.join(voice_file(message.id));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, sound()).unwrap();
        let deliver = MailboxChange::Deliver(message);
        self.postman
            .store
            .change_mailbox(number("100"), deliver)
            .await
            .unwrap();
    }
}

/// Runs a test with an office and a mail server.
fn run(test: impl AsyncFnOnce(&Office, &Sink)) {
    let folder = tempfile::tempdir().unwrap();
    let taken = DataFolder::take(folder.path()).unwrap();
    let opened = Store::open(&taken, Path::new("bellwire.db"), |_| {}).unwrap();
    let store = opened.store.clone();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(async {
        let sink = Sink::start().await;
        let delivery = Delivery {
            trusted: vec![Certificate::from_der(sink.certificate.clone()).unwrap()],
        };
        let office = Office {
            postman: Postman {
                store: store.clone(),
                files: folder.path().join("files"),
                clock: Clock::start(),
                delivery,
            },
        };
        test(&office, &sink).await;
    });
    // The store waits for whoever still reads.
    drop(runtime);
    store.close();
}

/// A mail server that takes everything, or what it is told to.
struct Sink {
    port: u16,
    certificate: Vec<u8>,
    state: Arc<Mutex<State>>,
}

struct State {
    offers: &'static str,
    offers_tls: bool,
    refuses: Vec<String>,
    down: bool,
    taken: Vec<Taken>,
}

/// A mail that came.
#[derive(Clone, Debug, Default)]
struct Taken {
    encrypted: bool,
    authenticated: bool,
    to: Vec<String>,
    text: String,
}

impl Sink {
    async fn start() -> Self {
        let own = rcgen::generate_simple_self_signed([String::from("localhost")]).unwrap();
        let certificate = own.cert.der().to_vec();
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            offers: "PLAIN LOGIN",
            offers_tls: true,
            refuses: Vec::new(),
            down: false,
            taken: Vec::new(),
        }));
        let known = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, tls.clone(), Arc::clone(&known)));
            }
        });
        Self {
            port,
            certificate,
            state,
        }
    }

    fn mail(&self, security: MailSecurity) -> Mail {
        Mail {
            host: String::from("localhost"),
            port: self.port,
            user: match security {
                MailSecurity::None => String::new(),
                MailSecurity::StartTls | MailSecurity::Tls => String::from("post"),
            },
            password: Password(String::from("geheim")),
            from: String::from("pbx@example.org"),
            security,
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn taken(&self) -> Vec<Taken> {
        self.state().taken.clone()
    }
}

/// Speaks with one client, which begins with TLS or asks for it later.
async fn converse(stream: TcpStream, tls: TlsAcceptor, state: Arc<Mutex<State>>) {
    let mut first = [0];
    if state.lock().unwrap().down {
        return;
    }
    // A client of SMTP waits to be greeted; one of TLS does not.
    let waits = tokio::time::timeout(Duration::from_millis(50), stream.peek(&mut first)).await;
    let plain = match waits {
        Ok(_) => stream,
        Err(_) => match speak(BufStream::new(stream), &state, Encrypted::No).await {
            Some(stream) => stream,
            None => return,
        },
    };
    if let Ok(stream) = tls.accept(plain).await {
        let encrypted = match waits {
            Ok(_) => Encrypted::FromTheStart,
            Err(_) => Encrypted::Since,
        };
        speak(BufStream::new(stream), &state, encrypted).await;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Encrypted {
    No,
    /// The greeting was before.
    Since,
    FromTheStart,
}

/// Gives the stream back when the client wants TLS on it.
async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufStream<S>,
    state: &Mutex<State>,
    encrypted: Encrypted,
) -> Option<S> {
    if encrypted != Encrypted::Since {
        say(&mut stream, "220 localhost ESMTP").await?;
    }
    let mut letter = Taken {
        encrypted: encrypted != Encrypted::No,
        ..Taken::default()
    };
    loop {
        let line = hear(&mut stream).await?;
        let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match command.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let (offers, offers_tls) = {
                    let state = state.lock().unwrap();
                    (state.offers, state.offers_tls)
                };
                say(&mut stream, "250-localhost").await?;
                if encrypted == Encrypted::No && offers_tls {
                    say(&mut stream, "250-STARTTLS").await?;
                }
                if encrypted != Encrypted::No {
                    say(&mut stream, &format!("250-AUTH {offers}")).await?;
                }
                "250 8BITMIME"
            }
            "STARTTLS" => {
                say(&mut stream, "220 go ahead").await?;
                return Some(stream.into_inner());
            }
            "AUTH" => {
                letter.authenticated = match rest.split_once(' ') {
                    Some(("PLAIN", proof)) => proof == "AHBvc3QAZ2VoZWlt",
                    _ => {
                        say(&mut stream, "334 VXNlcm5hbWU6").await?;
                        let user = hear(&mut stream).await?;
                        say(&mut stream, "334 UGFzc3dvcmQ6").await?;
                        let password = hear(&mut stream).await?;
                        (&*user, &*password) == ("cG9zdA==", "Z2VoZWlt")
                    }
                };
                match letter.authenticated {
                    true => "235 welcome",
                    false => "535 5.7.8 who is it?",
                }
            }
            "MAIL" => {
                letter.to.clear();
                "250 yes"
            }
            "RCPT" => {
                let to = rest.split(['<', '>']).nth(1).unwrap_or_default();
                match state.lock().unwrap().refuses.iter().any(|gone| gone == to) {
                    true => "550 5.1.1 nobody of that name",
                    false => {
                        letter.to.push(to.to_owned());
                        "250 yes"
                    }
                }
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                letter.text.clear();
                loop {
                    let line = hear(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    let line = line.strip_prefix('.').unwrap_or(&line);
                    letter.text.push_str(line);
                    letter.text.push_str("\r\n");
                }
                state.lock().unwrap().taken.push(letter.clone());
                "250 taken"
            }
            "RSET" | "NOOP" => "250 yes",
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ => "500 what?",
        };
        say(&mut stream, answer).await?;
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    line: &str,
) -> Option<()> {
    stream
        .write_all(format!("{line}\r\n").as_bytes())
        .await
        .ok()?;
    stream.flush().await.ok()
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> Option<String> {
    let mut line = String::new();
    let length = stream.read_line(&mut line).await.ok()?;
    (length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

impl Taken {
    /// A header, unfolded.
    fn header(&self, name: &str) -> String {
        let (head, _) = self.text.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ");
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| *found == name);
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }

    /// The content of the part of that type.
    fn part(&self, kind: &str) -> Vec<u8> {
        let (_, boundary) = self.text.split_once("boundary=\"").unwrap();
        let (boundary, _) = boundary.split_once('"').unwrap();
        let boundary = format!("--{boundary}");
        let mut parts = self.text.split(&boundary);
        let part = parts
            .find(|part| part.contains(&format!("Content-Type: {kind}")))
            .unwrap();
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        let body = body.trim_end_matches("\r\n");
        match head.contains("base64") {
            true => base64(&body.replace("\r\n", "")),
            false => quoted(body),
        }
    }
}

/// Encoded words (RFC 2047) as text: a space between two of them is none.
fn words(header: &str) -> String {
    let mut bytes = Vec::new();
    let mut was_encoded = true;
    for word in header.split(' ') {
        let inner = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|word| word.strip_suffix("?="));
        if !(was_encoded && (inner.is_some() || bytes.is_empty())) {
            bytes.push(b' ');
        }
        bytes.extend(inner.map_or_else(|| word.as_bytes().to_vec(), base64));
        was_encoded = inner.is_some();
    }
    String::from_utf8(bytes).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = letters.iter().position(|known| *known == letter).unwrap();
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

fn quoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(hex, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// A file that would be spoiled by whoever takes it for text.
fn sound() -> Vec<u8> {
    (0..=255).cycle().take(3_000).collect()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}
