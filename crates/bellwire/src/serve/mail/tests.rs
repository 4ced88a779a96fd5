//! Mail through a server that speaks SMTP, with TLS and passwords, and takes what is sent to it.

use super::*;
use crate::serve::clock::Clock;
use lettre::transport::smtp::client::Certificate;
use model::{
    Extension, Heard, Language, Mail, MailSecurity, MailboxChange, Message, Number, Party,
    Password, RecordingId, Secret, voice_file,
};
use peers::MailServer;
use std::path::Path;
use store::DataFolder;

/// VM-12 SET-03: several addresses, a name in Chinese, the message as a file.
#[test]
fn a_message_is_mailed_with_its_sound_over_starttls_with_a_password() {
    run(async |office, sink| {
        office
            .set_up(
                mail(sink, MailSecurity::StartTls),
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
        assert_eq!(subject, "新的语音留言：王五 (02885337100)");
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
            .set_up(mail(sink, MailSecurity::Tls), "a@example.org")
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
            .set_up(mail(sink, MailSecurity::None), "a@example.org")
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
                mail(sink, MailSecurity::None),
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
            .set_up(mail(sink, MailSecurity::None), "gone@example.org")
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
            ..mail(sink, MailSecurity::StartTls)
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
            .set_up(mail(sink, MailSecurity::StartTls), "a@example.org")
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
            .set_up(mail(sink, MailSecurity::None), "a@example.org")
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
        office.set_up(mail(sink, MailSecurity::None), "").await;
        assert_eq!(
            office.postman.round(office.now().await).await.unwrap(),
            None
        );
        assert_eq!(sink.taken().len(), 0);
    });
}

/// VM-12: who wants messages by mail alone has none in the mailbox once they are sent, and all until then.
#[test]
fn a_message_that_is_wanted_by_mail_alone_is_deleted_once_it_is_sent() {
    run(async |office, sink| {
        let settings = mail(sink, MailSecurity::None);
        office.set_up(settings, "a@example.org").await;
        office
            .change(|_, owner| owner.voicemail_mail_only = true)
            .await;
        let messages = async || {
            let mailbox = office.postman.store.mailbox(&number("100")).await;
            mailbox.unwrap().messages.len()
        };
        office.leave(1, "101", "").await;
        sink.state().down = true;
        let now = office.now().await;
        let later = office.postman.round(now).await.unwrap().unwrap();
        assert_eq!(messages().await, 1);
        sink.state().down = false;
        assert_eq!(office.postman.round(later).await.unwrap(), None);
        assert_eq!((messages().await, sink.taken().len()), (0, 1));
    });
}

/// VM-04
#[test]
fn the_owner_of_a_full_mailbox_is_told_so() {
    run(async |office, sink| {
        office
            .set_up(mail(sink, MailSecurity::None), "a@example.org")
            .await;
        for id in 0..model::MESSAGES_MAX as u64 {
            office.leave(id, "101", "").await;
        }
        office.postman.round(office.now().await).await.unwrap();
        let taken = sink.taken();
        let subjects = taken.iter().map(|letter| letter.header("Subject"));
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
fn run(test: impl AsyncFnOnce(&Office, &MailServer)) {
    let folder = tempfile::tempdir().unwrap();
    let taken = DataFolder::take(folder.path()).unwrap();
    let opened = Store::open(&taken, Path::new("bellwire.db"), |_| {}).unwrap();
    let store = opened.store.clone();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(async {
        let sink = MailServer::start();
        let delivery = Delivery {
            trusted: vec![Certificate::from_der(sink.certificate().der().to_vec()).unwrap()],
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

/// The settings for it.
fn mail(sink: &MailServer, security: MailSecurity) -> Mail {
    Mail {
        host: String::from("localhost"),
        port: sink.port(),
        user: match security {
            MailSecurity::None => String::new(),
            MailSecurity::StartTls | MailSecurity::Tls => MailServer::USER.to_owned(),
        },
        password: Password(MailServer::PASSWORD.to_owned()),
        from: String::from("pbx@example.org"),
        security,
    }
}

/// A file that would be spoiled by whoever takes it for text.
fn sound() -> Vec<u8> {
    (0..=255).cycle().take(3_000).collect()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}
