//! What a mail says, in the language of whoever gets it.

use model::{Extension, Language, Message, Site, Wall};
use std::time::Duration;
use store::MailRow;
use switch::codes::CODES;

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// Addresses, as the owner wrote them.
    pub(super) to: Vec<String>,
    /// His name.
    pub(super) name: String,
    pub(super) subject: String,
    pub(super) text: String,
    /// The sound of the message, with the name of the file.
    pub(super) attached: Option<(String, Vec<u8>)>,
    /// The same however often it is tried; the host is left to the delivery.
    pub(super) id: String,
}

impl Letter {
    /// A message came.
    pub(super) fn of_message(
        site: &Site,
        owner: &Extension,
        mail: &MailRow,
        message: &Message,
        sound: Vec<u8>,
    ) -> Self {
        let language = site.directory.language(Some(&owner.number));
        let from = from(message, language);
        let time = time(site, message.at);
        let length = clock(message.length);
        let (mailbox, listen) = (owner.number, listen(site, language));
        let (subject, text) = match language {
            Language::Chinese => (
                format!("新的语音留言：{from}"),
                format!(
                    "您的语音信箱 {mailbox} 收到一条新的语音留言。\n\n来自：{from}\n时间：{time}\n时长：{length}\n\n录音见附件。{listen}\n"
                ),
            ),
            Language::English => (
                format!("New voice message from {from}"),
                format!(
                    "There is a new voice message in mailbox {mailbox}.\n\nFrom: {from}\nTime: {time}\nLength: {length}\n\nThe recording is attached.{listen}\n"
                ),
            ),
        };
        let digits = time.chars().filter(char::is_ascii_digit);
        let file = format!("voicemail-{mailbox}-{}.wav", digits.collect::<String>());
        Self {
            attached: Some((file, sound)),
            ..Self::new(owner, mail, subject, text)
        }
    }

    /// The mailbox is full (VM-04).
    pub(super) fn of_full(site: &Site, owner: &Extension, mail: &MailRow) -> Self {
        let language = site.directory.language(Some(&owner.number));
        let (mailbox, listen) = (owner.number, listen(site, language));
        let (subject, text) = match language {
            Language::Chinese => (
                format!("语音信箱 {mailbox} 已满"),
                format!(
                    "您的语音信箱 {mailbox} 已满，来电者无法再留言。请删除一些留言。{listen}\n"
                ),
            ),
            Language::English => (
                format!("Voice mailbox {mailbox} is full"),
                format!(
                    "Your voice mailbox {mailbox} is full, and callers cannot leave messages any more. Please delete some.{listen}\n"
                ),
            ),
        };
        Self::new(owner, mail, subject, text)
    }

    fn new(owner: &Extension, mail: &MailRow, subject: String, text: String) -> Self {
        let to = owner.email.split([',', ';']).map(str::trim);
        Self {
            to: to.filter(|to| !to.is_empty()).map(str::to_owned).collect(),
            name: owner.name.clone(),
            subject,
            text,
            attached: None,
            id: format!("voicemail.{}.{}", mail.id, mail.created.0),
        }
    }
}

/// `王五 (02885337100)`, or as much of it as is known.
fn from(message: &Message, language: Language) -> String {
    let name = &message.from.name;
    match (message.from.number, &**name) {
        (None, "") => match language {
            Language::Chinese => String::from("未知号码"),
            Language::English => String::from("an unknown caller"),
        },
        (None, name) => name.to_owned(),
        (Some(number), "") => number.to_string(),
        (Some(number), name) => format!("{name} ({number})"),
    }
}

/// How to hear it by telephone, where the site has a code for that.
fn listen(site: &Site, language: Language) -> String {
    let own = CODES.iter().find(|row| row.name == "voicemail_own");
    let code = own.and_then(|row| row.dialled(&site.directory.feature_codes));
    match (code, language) {
        (None, _) => String::new(),
        (Some(code), Language::Chinese) => format!("也可以在话机上拨打 {code} 收听。"),
        (Some(code), Language::English) => format!(" You can also dial {code} to listen."),
    }
}

/// In the site's own zone.
fn time(site: &Site, at: Wall) -> String {
    let zone = jiff::tz::TimeZone::get(&site.directory.system.timezone);
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let zoned = moment.to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC));
    zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `1:05`.
fn clock(length: Duration) -> String {
    let seconds = (length + Duration::from_millis(500)).as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
