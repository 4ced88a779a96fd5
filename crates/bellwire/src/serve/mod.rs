//! The running server: sockets, threads, wiring.
//!
//! One thread does signalling (`signalling`): it reads UDP itself and takes whole messages from the tasks of
//! TCP, TLS and WebSocket (`streams`). Media workers carry sound; a tokio runtime does everything that may
//! wait.

mod addresses;
mod binding;
mod certificate;
pub(crate) mod clock;
mod dns;
mod inbox;
mod live;
mod lookup;
mod mail;
mod pages;
mod portal;
mod prompts;
mod recent;
mod settings;
mod signalling;
mod signals;
mod streams;
mod studio;
mod table;
mod traces;
mod trust;
mod udp;
mod web;

use crate::admin::{self, Admin};
use crate::config::Config;
use crate::demo::Login;
use crate::health::{self, Doing, Pages, Readiness};
use crate::journal::{Header, Limits, Writer};
use crate::metrics::Metrics;
use anyhow::{Context, Result};
use api::{Api, Teller};
use certificate::Certificate;
use clock::Clock;
use dns::Dns;
use inbox::{Event, Inbox, inbox};
use live::{Commands, Window};
use lookup::Ends;
use mail::{Delivery, Postman};
use media::browser::Identity;
use media::prompts::Library;
use media::{MediaEvent, Plane};
use model::{MessageCounts, Number};
use portal::Portal;
use rtp::sdp::BrowserSide;
use signalling::{End, Figures, Signalling, Zone};
use signals::{Signals, Wish};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{DataFolder, Opened, Store};
use streams::{Connections, Listener, Streams, accept};
use studio::Sounds;
use switch::Switch;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, watch};
use traces::Traces;
use udp::Udp;
use web::Web;

/// Everything that is ready before the first packet.
pub(crate) struct Prepared {
    /// How this server runs.
    pub(crate) config: Config,
    /// Where that was read from, for SIGHUP.
    pub(crate) config_file: Option<PathBuf>,
    /// The data folder, taken.
    pub(crate) folder: DataFolder,
    /// The store with what was found in it.
    pub(crate) opened: Opened,
    /// The figures; commits are counted already.
    pub(crate) metrics: Arc<Metrics>,
    /// Logins to print, for the demo.
    pub(crate) logins: Vec<Login>,
    /// Name and password of who administers, to print, for the demo.
    pub(crate) administrator: Option<(&'static str, String)>,
}

/// Runs until the server is told to end.
pub(crate) fn run(prepared: Prepared) -> Result<()> {
    let store = prepared.opened.store.clone();
    let ended = start(prepared);
    store.close();
    ended
}

fn start(prepared: Prepared) -> Result<()> {
    let runtime = Runtime::new().context("the threads for connections cannot be started")?;
    let (inbox, events) = inbox().context("the signalling thread cannot be woken")?;
    let certificate = Certificate::load(&prepared.config.tls, prepared.folder.path())?;
    let readiness = Readiness::default();
    let connections = Connections::default();
    let udp = Udp::bind(&prepared.config.sip.udp)?;
    let (teller, told) = api::teller();
    let clock = Clock::start();
    let files = prepared.folder.join(&prepared.config.store.files);
    let library = Arc::new(Library::open(&files));
    let api = runtime
        .block_on(open_api(&prepared, &inbox, clock, &library))
        .context("sessions and tokens cannot be read")?;
    let (tell_signalling, tell_web) = (inbox.clone(), teller.clone());
    prepared.opened.store.on_site(move |site| {
        tell_signalling.tell(Event::Site(Arc::clone(site)));
        tell_web.site(site);
    });
    let front = Front {
        prepared: &prepared,
        api: api.clone(),
        inbox: inbox.clone(),
        certificate: certificate.clone(),
        connections: connections.clone(),
        readiness: readiness.clone(),
    };
    let (tell_signalling, tell_web) = (inbox.clone(), teller.clone());
    let mail = Arc::new(Notify::new());
    let tell_postman = Arc::clone(&mail);
    prepared.opened.store.on_messages(move |mailbox, counts| {
        tell_signalling.tell(Event::Messages(mailbox, counts));
        tell_web.messages(mailbox, counts);
        tell_postman.notify_one();
    });
    let (end, ended) = watch::channel(());
    // Every port is taken before anything is said, so that one that is in use ends the start.
    let listening = runtime.block_on(front.listen())?;
    let streams = Streams::new(runtime.handle().clone(), inbox.clone(), connections);
    let signalling = signalling(
        &prepared,
        (inbox.clone(), events),
        (udp, streams),
        &readiness,
        Arc::clone(&library),
        (clock, teller),
    )?;
    let postman = Postman {
        store: prepared.opened.store.clone(),
        files: files.clone(),
        clock,
        delivery: Delivery::default(),
    };
    // Only now that media has completed the files of an earlier run.
    let voicemail = files.join(settings::VOICEMAIL);
    let messages = runtime.block_on(open_mailboxes(&prepared.opened.store, voicemail))?;
    for (mailbox, counts) in messages {
        inbox.tell(Event::Messages(mailbox, counts));
    }
    let thread = std::thread::Builder::new()
        .name(String::from("signalling"))
        .spawn(move || signalling.run())
        .context("the signalling thread cannot be started")?;
    runtime.block_on(async {
        front.serve(listening, &ended);
        tokio::spawn(prompts::keep(library));
        tokio::spawn(api.listen(told));
        tokio::spawn(postman.work(mail));
        say_ready(&prepared, &readiness);
        let signals = Signals::listen().context("signals cannot be listened to")?;
        let watching = tokio::spawn(watch_signals(
            signals,
            inbox,
            certificate,
            prepared.config_file.clone(),
            prepared.folder.path().to_owned(),
        ));
        let outcome = tokio::task::spawn_blocking(move || thread.join()).await;
        watching.abort();
        drop(end);
        match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(anyhow::anyhow!(
                "the signalling thread ended in a panic; please report what stands above"
            )),
        }
    })?;
    signals::notify("STOPPING=1");
    runtime.shutdown_timeout(LAST_ANSWERS);
    Ok(())
}

/// Everything that answers connections.
struct Front<'p> {
    prepared: &'p Prepared,
    api: Api,
    inbox: Inbox,
    certificate: Certificate,
    connections: Connections,
    readiness: Readiness,
}

/// Ports that are taken.
struct Listening {
    sip: Vec<Listener>,
    https: Option<(tokio::net::TcpListener, tokio_rustls::TlsAcceptor)>,
    http: Option<tokio::net::TcpListener>,
    metrics: Option<tokio::net::TcpListener>,
    admin: tokio::net::UnixListener,
}

impl Front<'_> {
    async fn listen(&self) -> Result<Listening> {
        let config = &self.prepared.config;
        let mut sip = Vec::new();
        for address in &config.sip.tcp {
            sip.push(Listener::tcp(*address).await?);
        }
        for address in &config.sip.tls {
            sip.push(Listener::tls(*address, &self.certificate).await?);
        }
        let https = match config.web.https {
            Some(address) => Some(web::listen(address, &self.certificate).await?),
            None => None,
        };
        let http = match config.web.http {
            Some(address) => Some(web::listen_plain(address).await?),
            None => None,
        };
        let metrics = match config.metrics {
            Some(address) => Some(health::listen(address).await.with_context(|| {
                format!("cannot listen on {address} (metrics.listen); stop whatever uses the port, or choose another")
            })?),
            None => None,
        };
        let socket = self.prepared.folder.join(DataFolder::SOCKET);
        let admin = admin::listen(&socket)
            .with_context(|| format!("cannot listen on {}", socket.display()))?;
        Ok(Listening {
            sip,
            https,
            http,
            metrics,
            admin,
        })
    }

    /// Answers until `ended` is dropped. Must be called within a runtime.
    fn serve(&self, listening: Listening, ended: &watch::Receiver<()>) {
        let config = &self.prepared.config;
        for listener in listening.sip {
            let (inbox, connections) = (self.inbox.clone(), self.connections.clone());
            tokio::spawn(accept(listener, inbox, connections));
        }
        if let Some(https) = listening.https {
            let web = Web {
                inbox: self.inbox.clone(),
                connections: self.connections.clone(),
                api: self.api.clone(),
            };
            tokio::spawn(web::serve(https, web, until(ended)));
        }
        if let Some(http) = listening.http {
            tokio::spawn(web::serve_plain(http, config.web.https, until(ended)));
        }
        if let Some(metrics) = listening.metrics {
            let pages = Pages {
                metrics: Arc::clone(&self.prepared.metrics),
                readiness: self.readiness.clone(),
                store: self.prepared.opened.store.health(),
            };
            tokio::spawn(health::serve(metrics, pages, until(ended)));
        }
        let admin = Admin {
            live: Arc::new(Commands {
                window: Window(self.inbox.clone()),
                api: self.api.clone(),
            }),
            store: self.prepared.opened.store.clone(),
            data: self.prepared.folder.path().to_owned(),
            database: self.prepared.folder.join(&config.store.database),
            files: self.prepared.folder.join(&config.store.files),
        };
        tokio::spawn(admin::serve(listening.admin, admin, until(ended)));
    }
}

/// Takes up the mailboxes; how many messages each has.
async fn open_mailboxes(
    store: &Store,
    voicemail: PathBuf,
) -> Result<BTreeMap<Number, MessageCounts>> {
    if let Err(error) = store.keep_voicemail_in(voicemail).await {
        tracing::error!(%error, "messages that an earlier run was taking down are looked for at the next start");
    }
    let counts = store.message_counts().await;
    counts.context("the mailboxes cannot be read")
}

/// What people of the web work with.
async fn open_api(
    prepared: &Prepared,
    inbox: &Inbox,
    clock: Clock,
    library: &Arc<Library>,
) -> Result<Api, store::ReadError> {
    let store = prepared.opened.store.clone();
    let backend = Portal {
        window: Window(inbox.clone()),
        store: store.clone(),
        clock,
        sounds: Arc::new(Sounds(Arc::clone(library))),
    };
    Api::open(api::Settings {
        store,
        backend: Arc::new(backend),
        files: prepared.folder.join(&prepared.config.store.files),
    })
    .await
}

/// Resolves when the server ends.
fn until(ended: &watch::Receiver<()>) -> impl Future<Output = ()> + Send + 'static {
    let mut ended = ended.clone();
    async move {
        // Nothing is ever sent: only the end is waited for.
        while ended.changed().await.is_ok() {}
    }
}

fn signalling(
    prepared: &Prepared,
    (inbox, events): (Inbox, inbox::Events),
    (udp, streams): (Udp, Streams),
    readiness: &Readiness,
    library: Arc<Library>,
    (clock, teller): (Clock, Teller),
) -> Result<Signalling> {
    let Prepared {
        config,
        folder,
        opened,
        metrics,
        ..
    } = prepared;
    let site = Arc::clone(&opened.site);
    let directory = Arc::clone(&site.directory);
    let seed = u64::from_ne_bytes(random()?);
    let now = clock.now();
    let identity = Arc::new(Identity::generate()?);
    let plane = Plane::start(
        settings::media(config, folder, &site, library, Arc::clone(&identity), seed),
        Heard {
            inbox: inbox.clone(),
            metrics: Arc::clone(metrics),
        },
    )
    .context("the threads for sound cannot be started")?;
    let browsers = plane.browsers().map(|address| BrowserSide {
        fingerprint: identity.fingerprint().clone(),
        address,
    });
    let bindings = opened.bindings.iter().filter_map(binding::read);
    let edge = edge::Edge::new(
        settings::edge(config, &opened.store, browsers),
        Arc::clone(&directory),
        bindings.collect(),
        random::<32>()?,
        now,
    );
    let header = Header::new(seed, Arc::clone(&directory), None);
    let journal = Writer::begin(&folder.join(JOURNAL), header, Limits::default());
    let journal = journal.inspect_err(|error| {
        tracing::warn!(%error, "the journal cannot be written; calls go on without it");
    });
    Ok(Signalling {
        edge,
        switch: Switch::new(directory, seed),
        seed,
        plane,
        store: opened.store.clone(),
        teller,
        site,
        journal: journal.ok(),
        metrics: Arc::clone(metrics),
        traces: Traces::default(),
        ends: Ends::of(&config.sip),
        dns: streams.within(|| Dns::start(&config.sip.name_servers)),
        udp,
        streams,
        events,
        inbox,
        clock,
        readiness: readiness.clone(),
        drain: config.drain,
        end: End::Not,
        figures: Figures::default(),
        zone: Zone::default(),
        next: VecDeque::new(),
    })
}

/// What media has to say.
struct Heard {
    inbox: Inbox,
    metrics: Arc<Metrics>,
}

impl media::Listener for Heard {
    fn event(&self, event: MediaEvent) {
        self.inbox.tell(Event::Media(event));
    }

    fn late(&self, by: Duration) {
        self.metrics.media_tick(by);
    }
}

/// Bytes from the system's generator. Whatever nobody must guess is made of them: tags, nonces, keys.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).context("this machine has no random numbers")?;
    Ok(bytes)
}

fn say_ready(prepared: &Prepared, readiness: &Readiness) {
    if !prepared.logins.is_empty() {
        table::print(
            &prepared.config,
            &prepared.logins,
            prepared.administrator.as_ref(),
        );
    }
    readiness.set(Doing::Serving);
    crate::print::note("ready");
    signals::notify("READY=1");
}

/// Does what the operator wishes, until the server has ended.
async fn watch_signals(
    mut signals: Signals,
    inbox: Inbox,
    certificate: Certificate,
    config_file: Option<PathBuf>,
    data: PathBuf,
) {
    loop {
        match signals.next().await {
            Wish::End => inbox.tell(Event::End),
            Wish::Reload => reload(&certificate, config_file.as_deref(), &data),
        }
    }
}

/// SIGHUP: certificates are read again. Everything else in the configuration needs a restart.
fn reload(
    certificate: &Certificate,
    config_file: Option<&std::path::Path>,
    data: &std::path::Path,
) {
    let reloaded = Config::load(config_file)
        .map_err(anyhow::Error::from)
        .and_then(|config| certificate.reload(&config.tls, data));
    match reloaded {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => tracing::error!("nothing was read again: {error:#}"),
    }
}

/// The folder of journals in the data folder.
const JOURNAL: &str = "journal";
/// How long answers of the administration may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
