//! Mailboxes: messages, greetings, their files, and the mail that tells of them.

use crate::support::{block_on, number, open, with_extension};
use model::{
    Duration, GreetingKind, Heard, MESSAGES_MAX, Mailbox, MailboxChange, Message, MessageCounts,
    Number, Party, RecordingId, Site, Wall, voice_file,
};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use store::{DataFolder, MailAbout, Opened, Store, WriteError};

/// VM-16: who left it is known with his name, or nobody knows.
#[test]
fn a_message_is_read_as_it_was_delivered_oldest_first() {
    let office = Office::open();
    let known = message(2, "02885337100", "王五");
    let anonymous = message(1, "", "");
    for message in [&known, &anonymous] {
        office.deliver("100", message);
    }
    let mailbox = office.mailbox("100");
    assert_eq!(mailbox.messages, [anonymous, known]);
    assert_eq!(office.mailbox("101"), Mailbox::default());
}

/// VM-17: whoever shows how many there are hears of each change, before whoever made it.
#[test]
fn counts_are_told_after_each_change() {
    let office = Office::open();
    let (tell, told) = mpsc::channel();
    office.store.on_messages(move |mailbox, counts| {
        let _ = tell.send((mailbox, counts));
    });
    let change = |change| office.store.change_mailbox(number("100"), change).wait();
    let told = || told.try_iter().last();
    let are = |new, old| Some((number("100"), MessageCounts { new, old }));
    for id in 1..=3 {
        office.deliver("100", &message(id, "101", ""));
    }
    assert_eq!(told(), are(3, 0));
    let ids = |ids: &[u64]| ids.iter().copied().map(RecordingId).collect();
    assert_eq!(
        change(MailboxChange::Mark(ids(&[1, 2, 99]), Heard::Old)),
        Ok(())
    );
    assert_eq!(told(), are(1, 2));
    assert_eq!(change(MailboxChange::Mark(ids(&[2]), Heard::New)), Ok(()));
    assert_eq!(told(), are(2, 1));
    assert_eq!(change(MailboxChange::Delete(ids(&[1, 3]))), Ok(()));
    assert_eq!(told(), are(1, 0));
    assert!(!office.has_file(1) && office.has_file(2));
    assert_eq!(
        change(MailboxChange::Delete(ids(&[1]))),
        Err(WriteError::Gone)
    );
    let of_another = MailboxChange::Mark(ids(&[2]), Heard::Old);
    let outcome = office
        .store
        .change_mailbox(number("101"), of_another)
        .wait();
    assert_eq!(outcome, Err(WriteError::Gone));
    assert_eq!(told(), None);
    let counts = block_on(office.store.message_counts()).expect("an answer");
    assert_eq!(counts.into_iter().next_back(), are(1, 0));
}

/// VM-08: the copy is a message of its own.
#[test]
fn a_forwarded_message_is_new_in_the_other_mailbox_and_outlives_the_first() {
    let office = Office::open();
    office.deliver("100", &message(1, "102", "李四"));
    let forward = |message, to| MailboxChange::Forward {
        message: RecordingId(message),
        to: number(to),
    };
    let change = |change| office.store.change_mailbox(number("100"), change).wait();
    change(MailboxChange::Mark(vec![RecordingId(1)], Heard::Old)).expect("marked");
    for _ in 0..2 {
        assert_eq!(change(forward(1, "101")), Ok(()));
    }
    assert_eq!(change(MailboxChange::Delete(vec![RecordingId(1)])), Ok(()));
    let copies = office.mailbox("101").messages;
    assert_eq!(copies.len(), 2);
    assert_ne!(copies[0].id, copies[1].id);
    for copy in &copies {
        assert_eq!((copy.heard, &*copy.from.name), (Heard::New, "李四"));
        assert!(office.has_file(copy.id.0));
    }
    assert_eq!(change(forward(1, "101")), Err(WriteError::Gone));
    assert_eq!(change(forward(9, "999")), Err(WriteError::Gone));
}

/// VM-04
#[test]
fn nothing_is_forwarded_into_a_full_mailbox() {
    let office = Office::open();
    office.deliver("100", &message(1, "", ""));
    for id in 0..MESSAGES_MAX as u64 {
        office.deliver("101", &message(1_000 + id, "", ""));
    }
    let forward = MailboxChange::Forward {
        message: RecordingId(1),
        to: number("101"),
    };
    let outcome = office.store.change_mailbox(number("100"), forward).wait();
    assert!(
        matches!(outcome, Err(WriteError::Refused(_))),
        "{outcome:?}"
    );
    assert_eq!(office.mailbox("101").messages.len(), MESSAGES_MAX);
}

/// VM-10
#[test]
fn a_greeting_takes_the_place_of_the_one_before_with_its_file() {
    let office = Office::open();
    let greet = |kind, id: Option<u64>| {
        id.into_iter().for_each(|id| office.write_file(id, 100));
        let change = MailboxChange::Greet(kind, id.map(RecordingId));
        office
            .store
            .change_mailbox(number("100"), change)
            .wait()
            .expect("set");
        office.mailbox("100").greetings
    };
    use GreetingKind::{Busy, Temporary};
    greet(Busy, Some(1));
    let greetings = greet(Temporary, Some(2));
    assert_eq!(
        greetings,
        [(Busy, RecordingId(1)), (Temporary, RecordingId(2))].into()
    );
    greet(Busy, Some(3));
    let greetings = greet(Temporary, None);
    assert_eq!(greetings, [(Busy, RecordingId(3))].into());
    assert!(!office.has_file(1) && !office.has_file(2) && office.has_file(3));
}

/// VM-03: what was being left when the server was killed is a message as long as its file; what has no sound is none.
#[test]
fn what_was_being_left_is_a_message_after_a_crash() {
    let mut office = Office::open();
    for id in 1..=4 {
        let message = message(id, "101", "");
        let begun = model::Fact::MessageBegun {
            mailbox: number("100"),
            message,
        };
        office.store.note(Wall(0), &begun);
    }
    office.write_file(1, 2_500);
    office.write_file(2, 0);
    office.write_file(4, 500);
    office.store.discard_message(RecordingId(4));
    assert_eq!(
        office.mailbox("100"),
        Mailbox::default(),
        "none is complete"
    );
    office.write_file(7, 500);
    fs::write(office.folder.path().join("files/voicemail/notes.txt"), "x").expect("written");
    office.reopen();
    let messages = office.mailbox("100").messages;
    let [kept] = &messages[..] else {
        panic!("{messages:?}")
    };
    let length = Duration::from_millis(2_500);
    assert_eq!(
        (kept.id, kept.length, kept.heard),
        (RecordingId(1), length, Heard::New)
    );
    let left = [1, 2, 4, 7].map(|id| office.has_file(id));
    assert_eq!(
        left,
        [true, false, false, false],
        "what belongs to nothing goes"
    );
    assert!(
        office
            .folder
            .path()
            .join("files/voicemail/notes.txt")
            .exists()
    );
}

/// IX-25
#[test]
fn an_extension_that_is_removed_takes_its_mailbox_along() {
    let office = Office::open();
    for (mailbox, id) in [("100", 1), ("101", 2)] {
        office.deliver(mailbox, &message(id, "", ""));
    }
    office.write_file(3, 100);
    let greeting = MailboxChange::Greet(GreetingKind::Busy, Some(RecordingId(3)));
    office
        .store
        .change_mailbox(number("100"), greeting)
        .wait()
        .expect("set");
    office
        .store
        .change(|site| Some(without(site, "100")))
        .wait()
        .expect("removed");
    let left = [1, 2, 3].map(|id| office.has_file(id));
    assert_eq!(left, [false, true, false]);
    assert_eq!(office.mailbox("100"), Mailbox::default());
    office.write_file(4, 100);
    let late = MailboxChange::Deliver(message(4, "", ""));
    let outcome = office.store.change_mailbox(number("100"), late).wait();
    assert_eq!(outcome, Err(WriteError::Gone), "who was just leaving one");
    office
        .store
        .change(|site| Some(with_extension(site, "100")))
        .wait()
        .expect("added");
    assert_eq!(
        office.mailbox("100"),
        Mailbox::default(),
        "the next owner finds it empty"
    );
}

/// VM-12 VM-04: there is mail of each message, and once a day of a full mailbox; none where nobody wants any.
#[test]
fn owners_are_mailed_of_messages_and_once_that_the_mailbox_is_full() {
    let office = Office::open();
    office.deliver("100", &message(1, "", ""));
    assert_eq!(
        office.due(Wall(i64::MAX)),
        [],
        "no server for mail is set up"
    );
    office
        .store
        .change(|site| Some(with_mail(site, "100")))
        .wait()
        .expect("set");
    office.deliver("101", &message(2, "", ""));
    assert_eq!(office.due(Wall(i64::MAX)), [], "101 wants none");
    office.deliver("100", &message(3, "", ""));
    let first = block_on(office.store.due_mail(Wall(i64::MAX), 10)).expect("an answer");
    let [mail] = &first[..] else {
        panic!("{first:?}")
    };
    assert_eq!((mail.mailbox, mail.tries), (number("100"), 0));
    assert_eq!(mail.about, MailAbout::Message(RecordingId(3)));
    let later = Wall(mail.created.0 + 60_000);
    office
        .store
        .retry_mail(mail.id, later)
        .wait()
        .expect("written");
    assert_eq!(office.due(Wall(later.0 - 1)), []);
    assert_eq!(
        block_on(office.store.next_mail()).expect("an answer"),
        Some(later)
    );
    assert_eq!(office.due(later), [MailAbout::Message(RecordingId(3))]);
    office.store.remove_mail(mail.id).wait().expect("written");
    assert_eq!(block_on(office.store.next_mail()).expect("an answer"), None);
    for id in 0..MESSAGES_MAX as u64 {
        office.deliver("100", &message(1_000 + id, "", ""));
    }
    let about = office.due(Wall(i64::MAX));
    assert_eq!(about.len(), MESSAGES_MAX + 1);
    let full = about.iter().filter(|about| **about == MailAbout::Full);
    assert_eq!(full.count(), 1, "although it was full three times");
}

/// A store with extensions 100 and 101 and a folder for voicemail.
struct Office {
    folder: tempfile::TempDir,
    taken: Option<DataFolder>,
    store: Store,
}

impl Office {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (taken, store) = opened(folder.path());
        for extension in ["100", "101"] {
            let added = store.change(|site| Some(with_extension(site, extension)));
            added.wait().expect("added");
        }
        Self {
            folder,
            taken: Some(taken),
            store,
        }
    }

    /// The server is killed and started again.
    fn reopen(&mut self) {
        self.store.close();
        self.taken = None;
        let (taken, store) = opened(self.folder.path());
        (self.taken, self.store) = (Some(taken), store);
    }

    fn deliver(&self, mailbox: &str, message: &Message) {
        self.write_file(message.id.0, 1_000);
        let deliver = MailboxChange::Deliver(message.clone());
        let delivered = self.store.change_mailbox(number(mailbox), deliver).wait();
        delivered.expect("delivered");
    }

    fn mailbox(&self, of: &str) -> Mailbox {
        block_on(self.store.mailbox(&number(of))).expect("an answer")
    }

    fn due(&self, now: Wall) -> Vec<MailAbout> {
        let due = block_on(self.store.due_mail(now, 1_000)).expect("an answer");
        due.into_iter().map(|mail| mail.about).collect()
    }

    /// A file as media writes it, of so many milliseconds.
    fn write_file(&self, id: u64, ms: usize) {
        let file = self.file(id);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, vec![0; 44 + 16 * ms]).expect("written");
    }

    fn has_file(&self, id: u64) -> bool {
        self.file(id).exists()
    }

    fn file(&self, id: u64) -> std::path::PathBuf {
        self.folder
            .path()
            .join("files")
            .join(voice_file(RecordingId(id)))
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.store.close();
    }
}

fn opened(path: &Path) -> (DataFolder, Store) {
    let (taken, Opened { store, .. }) = open(path).expect("open");
    let recovered = store.keep_voicemail_in(path.join("files/voicemail"));
    recovered.wait().expect("recovered");
    (taken, store)
}

fn message(id: u64, from: &str, name: &str) -> Message {
    Message {
        id: RecordingId(id),
        at: Wall(1_000_000 + id as i64),
        from: Party {
            number: Number::parse(from).ok(),
            name: name.to_owned(),
        },
        length: Duration::from_millis(1_000),
        heard: Heard::New,
    }
}

fn without(site: &Site, extension: &str) -> Site {
    let mut directory = (*site.directory).clone();
    directory.extensions.remove(&number(extension));
    Site {
        directory: Arc::new(directory),
        ..site.clone()
    }
}

/// The site with a server for mail, and an extension that wants some.
fn with_mail(site: &Site, extension: &str) -> Site {
    let mut directory = (*site.directory).clone();
    if let Some(extension) = directory.extensions.get_mut(&number(extension)) {
        Arc::make_mut(extension).email = String::from("owner@example.org");
    }
    let mut site = site.clone();
    site.mail.host = String::from("mail.example.org");
    site.directory = Arc::new(directory);
    site
}
