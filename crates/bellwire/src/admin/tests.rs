//! The socket, with a server behind it that knows one call.

use super::*;
use crate::site::Applied;
use model::Site;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use store::{DataFolder, Opened, Store, TokenRow, WriteError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

/// A server with one call.
#[derive(Default)]
struct OneCall {
    sites: Arc<Mutex<Vec<Arc<Site>>>>,
    tokens: Mutex<Vec<TokenRow>>,
}

impl Live for OneCall {
    fn calls(&self) -> Later<'_, Vec<LiveCall>> {
        Box::pin(async {
            vec![LiveCall {
                call: 7,
                start: String::from("2026-01-02T10:00:00+08:00"),
                caller: String::from("100"),
                caller_name: String::from("张三"),
                callee: String::from("101"),
                state: String::from("talk"),
                seconds: 5,
                legs: vec![1, 2],
                mos_x100: vec![Some(441), None],
            }]
        })
    }

    fn registrations(&self) -> Later<'_, Vec<LiveRegistration>> {
        Box::pin(async { Vec::new() })
    }

    fn trunks(&self) -> Later<'_, Vec<LiveTrunk>> {
        Box::pin(async { Vec::new() })
    }

    fn channels(&self) -> Later<'_, Vec<LiveChannel>> {
        Box::pin(async { Vec::new() })
    }

    fn trace(&self, call: String) -> Later<'_, Option<Trace>> {
        Box::pin(async move {
            (call == "7").then(|| Trace {
                call: 7,
                lines: vec![TraceLine {
                    at: String::from("2026-01-02T10:00:00.000+08:00"),
                    what: TraceWhat::Event {
                        text: String::from("dial"),
                    },
                }],
            })
        })
    }

    fn put_token(&self, token: TokenRow) -> Later<'_, Result<(), WriteError>> {
        self.tokens.lock().expect("nobody panics").push(token);
        Box::pin(async { Ok(()) })
    }

    fn explain(
        &self,
        question: crate::explain::Question,
    ) -> Later<'_, Option<Result<Vec<String>, String>>> {
        Box::pin(async move {
            Some(match question.number.as_str() {
                "*74#" => Ok(vec![format!("{} dials *74", question.from)]),
                _ => Err(String::from("no")),
            })
        })
    }

    fn check_sound(&self, _extension: model::Number) {}
}

/// A socket in a folder of its own.
struct Server {
    folder: tempfile::TempDir,
    live: Arc<OneCall>,
    store: Store,
    _taken: DataFolder,
    _end: oneshot::Sender<()>,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = DataFolder::take(folder.path()).expect("free");
        let path = folder.path().to_owned();
        let (taken, opened): (DataFolder, Opened) = tokio::task::spawn_blocking(move || {
            let opened = Store::open(&taken, std::path::Path::new("bellwire.db"), |_| {});
            (taken, opened.expect("open"))
        })
        .await
        .expect("no panic");
        let live = Arc::new(OneCall::default());
        let sites = Arc::clone(&live.sites);
        opened
            .store
            .on_site(move |site| sites.lock().expect("nobody panics").push(Arc::clone(site)));
        let admin = Admin {
            live: live.clone(),
            store: opened.store.clone(),
            data: path.clone(),
            database: path.join("bellwire.db"),
            files: path.join("files"),
        };
        let (end, ended) = oneshot::channel();
        let socket = listen(&path.join(DataFolder::SOCKET)).expect("bound");
        tokio::spawn(serve(socket, admin, async {
            let _ = ended.await;
        }));
        Self {
            folder,
            live,
            store: opened.store,
            _taken: taken,
            _end: end,
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(DataFolder::SOCKET)
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = UnixStream::connect(self.socket()).await.expect("connected");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        let status = answer
            .get(9..12)
            .expect("a status")
            .parse()
            .expect("a number");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        (status, body.to_owned())
    }
}

#[tokio::test]
async fn only_the_owner_can_open_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start().await;
    let mode = std::fs::metadata(server.socket())
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_socket_that_a_killed_server_left_behind_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.sock");
    drop(listen(&path).expect("bound"));
    assert!(path.exists());
    listen(&path).expect("bound again");
}

#[tokio::test]
async fn calls_and_traces_are_told() {
    let server = Server::start().await;
    let (status, body) = server.ask("GET", "/calls", "").await;
    assert_eq!(status, 200);
    let calls: Vec<LiveCall> = serde_json::from_str(&body).expect("calls");
    assert_eq!((calls[0].call, calls[0].caller_name.as_str()), (7, "张三"));
    assert_eq!(
        server.ask("GET", "/registrations", "").await,
        (200, String::from("[]"))
    );
    assert_eq!(server.ask("GET", "/trace/7", "").await.0, 200);
    let (status, body) = server.ask("GET", "/trace/8", "").await;
    let errors: Errors = serde_json::from_str(&body).expect("errors");
    assert_eq!(status, 404);
    assert!(
        errors.errors[0].starts_with("nothing is known of call 8; "),
        "{body}"
    );
}

#[tokio::test]
async fn a_site_file_is_applied_to_the_running_system_once() {
    let server = Server::start().await;
    let text = "[[extension]]\nnumber = \"100\"\n";
    let (status, body) = server
        .ask("PUT", "/site?dry_run=true&name=s.toml", text)
        .await;
    let applied: Applied = serde_json::from_str(&body).expect("changes");
    assert_eq!(
        (status, applied.changes),
        (200, vec![String::from("+ extension 100")])
    );
    assert!(server.store.site().directory.extensions.is_empty());
    let (_, body) = server.ask("PUT", "/site?name=s.toml", text).await;
    let applied: Applied = serde_json::from_str(&body).expect("changes");
    assert_eq!(applied.generated["100"].len(), 16);
    let (_, body) = server.ask("PUT", "/site?name=s.toml", text).await;
    assert_eq!(
        serde_json::from_str::<Applied>(&body).expect("changes"),
        Applied::default()
    );
    // The calls hear of it once, and of what is on disk.
    let sites = server.live.sites.lock().expect("nobody panics").clone();
    assert_eq!(sites, [server.store.site()]);
    let (_, exported) = server.ask("GET", "/site", "").await;
    let (_, body) = server.ask("PUT", "/site?name=s.toml", &exported).await;
    assert_eq!(
        serde_json::from_str::<Applied>(&body).expect("changes"),
        Applied::default()
    );
}

#[tokio::test]
async fn a_wrong_site_file_changes_nothing_and_every_error_is_told() {
    let server = Server::start().await;
    let text = "[[extension]]\nnumber = \"100\"\n[[extension]]\nnumber = 1\nnmae = \"\"\n";
    let (status, body) = server.ask("PUT", "/site?name=my.toml", text).await;
    let errors: Errors = serde_json::from_str(&body).expect("errors");
    assert_eq!(status, 422);
    assert_eq!(errors.errors.len(), 2, "{body}");
    assert!(errors.errors[1].starts_with("my.toml:5:1: "), "{body}");
    assert!(server.store.site().directory.extensions.is_empty());
}

/// AD-15
#[tokio::test]
async fn whoever_owns_the_folder_gets_back_in() {
    let server = Server::start().await;
    let set = server
        .ask("PUT", "/users/admin/password", "correct horse")
        .await;
    assert_eq!(set, (200, String::from("\"added\"")));
    let set = server
        .ask("PUT", "/users/admin/password", "battery staple")
        .await;
    assert_eq!(set, (200, String::from("\"changed\"")));
    let site = server.store.site();
    let hash = &site.users["admin"].password;
    assert!(api::password::is_of_hash("battery staple", hash));
    assert_eq!(server.ask("PUT", "/users/admin/password", "").await.0, 422);
    let (status, body) = server.ask("PUT", "/tokens/backup?role=operator", "").await;
    assert_eq!(status, 200, "{body}");
    let token: people::NewToken = serde_json::from_str(&body).expect("a token");
    let kept = server.live.tokens.lock().expect("nobody panics").clone();
    assert_eq!(
        (&*kept[0].name, kept[0].role),
        ("backup", model::Role::Operator)
    );
    assert!(!kept[0].hash.contains(&token.token));
}

#[tokio::test]
async fn a_backup_is_made_while_the_server_runs() {
    let server = Server::start().await;
    server
        .ask("PUT", "/site", "[[extension]]\nnumber = \"100\"\n")
        .await;
    let file = server.folder.path().join("b.tar");
    let path = format!("/backup?file={}", file.display());
    let (status, body) = server.ask("POST", &path, "").await;
    assert_eq!(status, 200, "{body}");
    assert!(file.exists());
    let (status, body) = server
        .ask("POST", "/backup?file=/no/such/folder/b.tar", "")
        .await;
    assert_eq!(status, 500);
    assert!(
        body.contains("cannot write /no/such/folder/b.tar"),
        "{body}"
    );
}
