//! An office with its interface, and people who use it.

use crate::prompts::Shelf;
use api::{
    Api, Applied, Backend, FeatureCode, Later, LiveCall, LiveMember, LiveRoom, Mode, NotApplied,
    Pass, Peer, Reach, Settings, Studio, Teller, Trace,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use model::{
    AgentState, CallId, Command, Contact, Directory, Extension, ExtensionState, LegId, LiveAgent,
    LiveCaller, LiveQueue, Number, Party, Role, RoomCommand, RoomRole, Secret, Site, Switched,
    System, Ticket, Trunk, User, Wall,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::{DataFolder, Store};
use tower::ServiceExt;

/// An office whose portal is on: 100, 101 and 005, an administrator and an operator.
pub(crate) struct Office {
    pub(crate) api: Api,
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) teller: Teller,
    clock: Arc<AtomicI64>,
    /// What was asked of calls.
    pub(crate) asked: Arc<Mutex<Vec<Command>>>,
    /// With what pages can prove themselves.
    pub(crate) passes: Arc<Mutex<Vec<Pass>>>,
    pub(crate) folder: tempfile::TempDir,
    _taken: DataFolder,
}

/// What the office's server knows: nothing is live, and time stands until it is put on.
struct Quiet {
    clock: Arc<AtomicI64>,
    store: Store,
    asked: Arc<Mutex<Vec<Command>>>,
    passes: Arc<Mutex<Vec<Pass>>>,
    shelf: Arc<Shelf>,
}

impl Backend for Quiet {
    fn now(&self) -> Wall {
        Wall(self.clock.load(Ordering::Relaxed))
    }

    fn calls(&self) -> Later<'_, Vec<LiveCall>> {
        let call = LiveCall {
            call: CallId(7),
            start: Wall(NOW - 5_000),
            caller: String::from("100"),
            caller_name: String::from("张三"),
            callee: number("101"),
            state: String::from("talk"),
            parties: vec![String::from("100"), String::from("101")],
        };
        Box::pin(async { vec![call] })
    }

    fn rooms(&self) -> Later<'_, Vec<LiveRoom>> {
        let asked = self.asked.lock().expect("no panic").clone();
        let muted = asked.iter().any(|command| {
            matches!(
                command,
                Command::Room(_, RoomCommand::Mute(LegId(3), Switched::On))
            )
        });
        let member = LiveMember {
            leg: LegId(3),
            party: Party {
                number: Some(number("100")),
                name: String::from("张三"),
            },
            role: RoomRole::Member,
            muted: match muted {
                true => Switched::On,
                false => Switched::Off,
            },
            since: Wall(NOW),
        };
        let room = LiveRoom {
            number: number("700"),
            locked: Switched::Off,
            members: vec![member],
        };
        Box::pin(async { vec![room] })
    }

    fn queues(&self) -> Later<'_, Vec<LiveQueue>> {
        let caller = LiveCaller {
            ticket: Ticket(9),
            party: Party {
                number: Some(number("5550001")),
                name: String::from("Eve"),
            },
            since: Wall(NOW - 30_000),
            rung: vec![number("100")],
        };
        let agent = |text, state| LiveAgent {
            number: number(text),
            state,
            taken: 2,
        };
        let queue = LiveQueue {
            number: number("600"),
            waiting: vec![caller],
            agents: vec![
                agent("100", AgentState::Ringing),
                agent("101", AgentState::LoggedOut),
            ],
        };
        Box::pin(async { vec![queue] })
    }

    fn command(&self, command: Command) {
        self.asked.lock().expect("no panic").push(command);
    }

    fn secret(&self, extension: &Number, password: &str) -> Secret {
        ha1(extension, password)
    }

    fn admit(&self, pass: Pass) -> String {
        let user = format!("web.{}.{}", pass.session, pass.random);
        self.passes.lock().expect("no panic").push(pass);
        user
    }

    fn revoke(&self, session: u64) {
        let mut passes = self.passes.lock().expect("no panic");
        passes.retain(|pass| pass.session != session);
    }

    fn states(&self) -> Later<'_, BTreeMap<Number, ExtensionState>> {
        Box::pin(async { BTreeMap::from([(number("100"), ExtensionState::Idle)]) })
    }

    fn trace(&self, call: CallId, _: Wall) -> Later<'_, Option<Trace>> {
        Box::pin(async move {
            (call == CallId(1)).then(|| Trace {
                call: 1,
                lines: Vec::new(),
            })
        })
    }

    fn reach(&self, from: Number, to: Number) -> Later<'_, Reach> {
        let directory = &self.store.site().directory;
        let inside = directory.extensions.contains_key(&to);
        let may = directory
            .extension(&from)
            .is_some_and(|extension| !extension.outbound_routes.is_empty());
        let reach = match to.as_bytes() {
            _ if inside => Reach::Inside,
            [b'*' | b'#', ..] => Reach::Code,
            [b'9', _, ..] if may => Reach::Outside,
            [b'9', _, ..] => Reach::NotAllowed,
            _ => Reach::Nowhere,
        };
        Box::pin(async move { reach })
    }

    fn codes(&self, directory: &Directory) -> Vec<FeatureCode> {
        let row = |name, default: &str, monitors| FeatureCode {
            name,
            code: directory
                .feature_codes
                .get(name)
                .cloned()
                .unwrap_or_else(|| default.to_owned()),
            place: "idle",
            argument: "nothing",
            section: "2.11",
            english: "",
            chinese: "",
            monitors,
        };
        vec![row("dnd_on", "*74", false), row("listen", "*90", true)]
    }

    fn studio(&self) -> Arc<dyn Studio> {
        Arc::clone(&self.shelf) as Arc<dyn Studio>
    }

    fn site_text(&self) -> String {
        format!(
            "# {} extensions\n",
            self.store.site().directory.extensions.len()
        )
    }

    fn apply_site(&self, text: String, mode: Mode) -> Later<'_, Result<Applied, NotApplied>> {
        let changes = match mode {
            Mode::Apply => vec![String::from("applied")],
            Mode::DryRun => vec![String::from("looked at")],
        };
        Box::pin(async move {
            match text.contains("wrong") {
                true => Err(NotApplied::Content(vec![String::from(
                    "site:1:1: is wrong",
                )])),
                false => Ok(Applied {
                    changes,
                    ..Applied::default()
                }),
            }
        })
    }
}

/// 2026-03-14 in Shanghai, at noon.
pub(crate) const NOW: i64 = 1_773_460_800_000;

impl Office {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_owned();
        let (taken, store) = tokio::task::spawn_blocking(move || open(&path))
            .await
            .expect("no panic");
        let office = Self::over(folder, taken, store, NOW).await;
        office.set_up(|site| *site = self::site()).await;
        office
    }

    async fn over(folder: tempfile::TempDir, taken: DataFolder, store: Store, now: i64) -> Self {
        let clock = Arc::new(AtomicI64::new(now));
        let passes = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let backend = Quiet {
            clock: Arc::clone(&clock),
            store: store.clone(),
            asked: Arc::clone(&asked),
            passes: Arc::clone(&passes),
            shelf: Arc::default(),
        };
        let settings = Settings {
            store: store.clone(),
            backend: Arc::new(backend),
            files: folder.path().join("files"),
        };
        let api = Api::open(settings).await.expect("open");
        let (teller, told) = api::teller();
        let tell = teller.clone();
        store.on_site(move |site| tell.site(site));
        let tell = teller.clone();
        store.on_messages(move |mailbox, counts| tell.messages(mailbox, counts));
        let voicemail = folder.path().join("files/voicemail");
        let recovered = store.keep_voicemail_in(voicemail).await;
        recovered.expect("recovered");
        tokio::spawn(api.clone().listen(told));
        Self {
            router: api.router(),
            api,
            store,
            teller,
            clock,
            asked,
            passes,
            folder,
            _taken: taken,
        }
    }

    /// The server is stopped and started.
    pub(crate) async fn restart(self) -> Self {
        let now = self.clock.load(Ordering::Relaxed);
        let Self {
            folder,
            _taken,
            store,
            ..
        } = self;
        let path = folder.path().to_owned();
        let (taken, store) = tokio::task::spawn_blocking(move || {
            store.close();
            drop(_taken);
            open(&path)
        })
        .await
        .expect("no panic");
        Self::over(folder, taken, store, now).await
    }

    /// Changes the configuration as the site file would, and waits until it is in force.
    pub(crate) async fn set_up(&self, change: impl FnOnce(&mut Site) + Send + 'static) {
        let changed = self.store.change(|site| {
            let mut site = site.clone();
            change(&mut site);
            Some(site)
        });
        changed.await.expect("saved");
    }

    /// Changes an extension.
    pub(crate) async fn with(
        &self,
        name: &'static str,
        change: impl FnOnce(&mut Extension) + Send + 'static,
    ) {
        self.set_up(move |site| {
            let mut directory = (*site.directory).clone();
            let extension = directory.extensions.get_mut(&number(name)).expect("known");
            change(Arc::make_mut(extension));
            site.directory = Arc::new(directory);
        })
        .await;
    }

    /// With what pages can prove themselves.
    pub(crate) fn passes_good(&self) -> Vec<Pass> {
        self.passes.lock().expect("no panic").clone()
    }

    /// Time goes on.
    pub(crate) fn passes(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        let router = self.router.clone();
        router.oneshot(request).await.expect("no error is possible")
    }

    /// Somebody without a login.
    pub(crate) fn stranger(&self) -> Person<'_> {
        Person {
            office: self,
            proof: Proof::Nothing,
            address: SocketAddr::from(([192, 0, 2, 1], 50_000)),
        }
    }

    /// Somebody who is logged in.
    pub(crate) async fn login(&self, account: &str) -> Person<'_> {
        let stranger = self.stranger();
        let answer = stranger.login(account, &password(account)).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        Person {
            proof: Proof::Cookie(answer.cookie()),
            ..stranger
        }
    }

    /// A script.
    pub(crate) async fn script(&self, role: Role) -> Person<'_> {
        let token = api::Token::new("script", role, Wall(NOW)).expect("a token");
        self.api.put_token(token.row).await.expect("saved");
        Person {
            proof: Proof::Token(token.secret),
            ..self.stranger()
        }
    }
}

/// Somebody who makes requests.
#[derive(Clone)]
pub(crate) struct Person<'o> {
    office: &'o Office,
    pub(crate) proof: Proof,
    pub(crate) address: SocketAddr,
}

/// What somebody proves who he is with.
#[derive(Clone)]
pub(crate) enum Proof {
    Nothing,
    Cookie(String),
    /// A cookie without the header that says that the request is meant.
    CookieAlone(String),
    Token(String),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null when it is none.
    pub(crate) json: Value,
}

impl Person<'_> {
    pub(crate) async fn login(&self, account: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "account": account, "password": password });
        self.ask("POST", "session", &body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask("PUT", path, &body.to_string()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, &body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, "").await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.ask_with(method, path, body, &[]).await
    }

    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let kind = if path.starts_with("admin/site") {
            "application/toml"
        } else {
            "application/json"
        };
        let request = request
            .header("content-type", kind)
            .body(Body::from(body.to_owned()));
        let response = self.office.send(request.expect("a request")).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// A request with what proves who it is from.
    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/{path}"))
            .extension(Peer(self.address));
        match &self.proof {
            Proof::Nothing => request,
            Proof::CookieAlone(cookie) => request.header("cookie", cookie),
            Proof::Cookie(cookie) => request.header("cookie", cookie).header("x-bellwire", "1"),
            Proof::Token(token) => request.header("authorization", format!("Bearer {token}")),
        }
    }

    /// The stream of events.
    pub(crate) async fn listen(&self, last: Option<&str>) -> Response<Body> {
        let mut request = self.request("GET", "events");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = self
            .office
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        response
    }
}

impl Answer {
    /// The cookie that the answer sets, as a browser gives it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get("set-cookie").expect("a cookie");
        let set = set.to_str().expect("text");
        set.split(';').next().expect("a first part").to_owned()
    }

    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// Fields and what is wrong with them.
    pub(crate) fn errors(&self) -> Vec<(&str, &str)> {
        let errors = self.json["errors"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        errors
            .iter()
            .map(|error| {
                let text = |name: &str| error[name].as_str().unwrap_or_default();
                (text("field"), text("code"))
            })
            .collect()
    }

    /// One field of every item of a list.
    pub(crate) fn all(&self, field: &str) -> Vec<&Value> {
        let items = self.json["items"].as_array().expect("a list");
        items.iter().map(|item| &item[field]).collect()
    }
}

pub(crate) fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

/// The password of an account.
pub(crate) fn password(account: &str) -> String {
    format!("Pw #&<>\"' 中文 {account}")
}

fn open(path: &Path) -> (DataFolder, Store) {
    let taken = DataFolder::take(path).expect("free");
    let opened = Store::open(&taken, Path::new("bellwire.db"), |_| {}).expect("open");
    (taken, opened.store)
}

fn site() -> Site {
    let mut directory = Directory {
        system: System {
            portal: true,
            ..System::default()
        },
        ..Directory::default()
    };
    for (text, name) in [("100", "张三"), ("101", "李四"), ("005", "005")] {
        let extension = Extension::new(number(text), name, ha1(text, &password(text)));
        directory
            .extensions
            .insert(number(text), Arc::new(extension));
    }
    directory.contacts.push(Arc::new(Contact {
        id: 1,
        name: String::from("王小红"),
        phone: Some(number("02885337106")),
        email: String::new(),
        company: String::from("Acme"),
    }));
    let trunk: Trunk = serde_json::from_value(json!({
        "name": "carrier", "kind": "peer", "host": "192.0.2.10", "port": 5060, "transport": "udp",
        "username": "", "password": null, "from_domain": "", "numbers": ["02885337100"],
        "max_calls": null, "media": "rtp", "t38": true,
    }))
    .expect("a trunk");
    directory.trunks.insert(trunk.name.clone(), Arc::new(trunk));
    let user = |name: &str, role| {
        let user = User {
            name: name.to_owned(),
            role,
            password: hash(name),
        };
        (name.to_owned(), Arc::new(user))
    };
    Site {
        directory: Arc::new(directory),
        users: BTreeMap::from([user("admin", Role::Admin), user("operator", Role::Operator)]),
        ..Site::default()
    }
}

/// What is kept of an extension's password (RFC 8760).
pub(crate) fn ha1(number: &str, password: &str) -> Secret {
    let text = format!("{number}:bellwire:{password}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    Secret {
        md5: [1; 16],
        sha256: digest.as_ref().try_into().expect("32 bytes"),
    }
}

/// What is kept of a user's password. It takes long on purpose, and is made once.
fn hash(name: &str) -> String {
    static HASHES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut hashes = HASHES.lock().expect("nobody panics");
    let made = || api::password::hash(&password(name)).expect("a hash");
    hashes.entry(name.to_owned()).or_insert_with(made).clone()
}
