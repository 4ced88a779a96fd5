//! A browser with telephones in its pages.
//!
//! Chromium is told what to do by its DevTools protocol over a pipe; the telephone is `browser/phone.js`, which
//! speaks SIP over the server's own WebSocket.

use crate::{Log, Login, PATIENCE};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running browser; it ends with the value.
#[derive(Clone, Debug)]
pub struct Chromium(Arc<Mutex<Browser>>);

#[derive(Debug)]
struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    said: Log<String>,
    last: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Starts a browser whose microphone hears what a WAV file says, or a beep.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn start(microphone: Option<&std::path::Path>) -> Self {
        let profile = tempfile::tempdir().expect("a folder for a browser");
        let mut arguments = FLAGS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.extend(
            microphone.map(|file| format!("--use-file-for-fake-audio-capture={}", file.display())),
        );
        // The protocol speaks on the third and fourth descriptor, which only a shell can place there.
        let script = "exec chromium \"$@\" about:blank 3<&0 4>&1 </dev/null >/dev/null";
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "sh", "-c", script, "sh"])
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("setpriv starts");
        let commands = child.stdin.take().expect("it was asked for");
        let output = child.stdout.take().expect("it was asked for");
        let errors = child.stderr.take().expect("it was asked for");
        let said = Log::new("chromium");
        let log = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                log.push(line);
            }
        });
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else {
                    continue;
                };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self(Arc::new(Mutex::new(Browser {
            child,
            commands,
            answers,
            said,
            last: 0,
            _profile: profile,
        })))
    }

    /// Opens a page of the server at `https`, with a telephone in it that says a tone; `None` takes the microphone.
    ///
    /// # Panics
    /// When the page does not open.
    #[must_use]
    pub fn phone(&self, https: SocketAddr, login: &Login, tone: Option<f64>) -> BrowserPhone {
        let proof = json!({ "user": login.number, "password": login.password });
        self.phone_with(https, &login.number, &proof, tone)
    }

    /// As [`Self::phone`], with the `user` and `password` that the server gave a page for an extension.
    ///
    /// # Panics
    /// When the page does not open.
    #[must_use]
    pub fn phone_with(
        &self,
        https: SocketAddr,
        number: &str,
        proof: &Value,
        tone: Option<f64>,
    ) -> BrowserPhone {
        let origin = format!("https://{https}");
        let target = self.command(None, "Target.createTarget", &json!({ "url": origin }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.command(None, "Target.attachToTarget", &attach);
        let phone = BrowserPhone {
            browser: self.clone(),
            session: session["sessionId"].as_str().unwrap_or_default().to_owned(),
        };
        crate::until("the page is there", PATIENCE, || {
            // Between two documents there is none to ask.
            let expression = "location.protocol + document.readyState";
            let parameters = json!({ "expression": expression, "returnByValue": true });
            let session = Some(&*phone.session);
            let answer = self.try_command(session, "Runtime.evaluate", &parameters);
            answer.is_ok_and(|answer| answer["result"]["value"] == "https:complete")
        });
        phone.evaluate(&format!("{PHONE}\nundefined"));
        let options = json!({
            "url": format!("wss://{https}/sip"),
            "number": number,
            "user": proof["user"],
            "password": proof["password"],
            "tone": tone,
        });
        phone.evaluate(&format!(
            "globalThis.phone = new Phone({options}); undefined"
        ));
        phone
    }

    pub(crate) fn command(&self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        let answer = self.try_command(session, method, parameters);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The result of a command, or why there is none.
    pub(crate) fn try_command(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<Value, Value> {
        let browser = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        browser.last += 1;
        let id = browser.last;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        let sent = browser.commands.write_all(&bytes);
        let deadline = Instant::now() + PATIENCE * 2;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match browser.answers.recv_timeout(left) {
                Ok(answer) if answer["id"] == json!(id) => {
                    let error = &answer["error"];
                    return match error {
                        Value::Null => Ok(answer["result"].clone()),
                        error => Err(error.clone()),
                    };
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let said = browser.said.tail();
                    panic!("{method}: no answer ({sent:?}); chromium said:\n{said}")
                }
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// A telephone in a page.
#[derive(Debug)]
pub struct BrowserPhone {
    browser: Chromium,
    session: String,
}

impl BrowserPhone {
    /// Registers.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn registered(self) -> Self {
        assert_eq!(self.evaluate("phone.register()"), json!(200));
        self
    }

    /// Calls a number and waits for the answer.
    ///
    /// # Panics
    /// When the call is refused.
    #[must_use]
    pub fn call(&self, number: &str) -> BrowserCall<'_> {
        self.call_with(number, "{}")
    }

    /// As [`Self::call`], with options of the script.
    ///
    /// # Panics
    /// When the call is refused.
    #[must_use]
    pub fn call_with(&self, number: &str, options: &str) -> BrowserCall<'_> {
        self.up(&format!("phone.call({}, {options})", json!(number)))
    }

    /// The call that a promise under this name comes to.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn called(&self, promise: &str) -> BrowserCall<'_> {
        self.up(promise)
    }

    /// Waits until it rings.
    ///
    /// # Panics
    /// When it does not.
    pub fn rings(&self) {
        self.evaluate("phone.rings()");
    }

    /// Answers what rings.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn answer(&self) -> BrowserCall<'_> {
        self.up("phone.answer()")
    }

    fn up(&self, expression: &str) -> BrowserCall<'_> {
        let call = self.evaluate(expression).as_u64().expect("a call");
        BrowserCall { phone: self, call }
    }

    /// What an expression comes to in the page; a promise is waited for.
    ///
    /// # Panics
    /// When it throws.
    pub fn evaluate(&self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression,
            "awaitPromise": true,
            "returnByValue": true,
            "userGesture": true,
        });
        let session = Some(&*self.session);
        let answer = self
            .browser
            .command(session, "Runtime.evaluate", &parameters);
        let thrown = &answer["exceptionDetails"];
        if !thrown.is_null() {
            let why = &thrown["exception"]["description"];
            panic!("{expression}: {why}\n{}", self.signalling());
        }
        answer["result"]["value"].clone()
    }

    /// The messages that were sent and received.
    fn signalling(&self) -> String {
        let log = json!({
            "expression": "globalThis.phone?.log.join('\\n') ?? ''",
            "returnByValue": true,
        });
        let answer = self
            .browser
            .command(Some(&self.session), "Runtime.evaluate", &log);
        answer["result"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// A call of a telephone in a page.
#[derive(Debug)]
pub struct BrowserCall<'p> {
    phone: &'p BrowserPhone,
    call: u64,
}

impl BrowserCall<'_> {
    /// Waits until ICE and DTLS have come to an end; gives how long that took since the peer connection was made.
    #[must_use]
    pub fn connects(&self) -> Duration {
        let ms = self.evaluate("connects()").as_u64().unwrap_or_default();
        Duration::from_millis(ms)
    }

    /// Waits until a tone is heard without a break; gives its level in dBFS.
    pub fn hears(&self, hz: f64) -> f64 {
        let level = self.evaluate(&format!("hears({hz})"));
        level.as_f64().unwrap_or(f64::NEG_INFINITY)
    }

    /// Waits until a tone is not heard.
    pub fn does_not_hear(&self, hz: f64) {
        self.evaluate(&format!("doesNotHear({hz})"));
    }

    /// Puts the other on hold by a re-INVITE.
    pub fn hold(&self) {
        assert_eq!(self.evaluate("hold()"), json!(200));
    }

    /// Takes the other off hold.
    pub fn resume(&self) {
        assert_eq!(self.evaluate("resume()"), json!(200));
    }

    /// Begins ICE anew, as after a change of network.
    pub fn restart(&self) {
        assert_eq!(self.evaluate("restart()"), json!(200));
    }

    /// Presses keys (RFC 4733).
    pub fn press(&self, keys: &str) {
        self.evaluate(&format!("press({})", json!(keys)));
    }

    /// Hangs up.
    pub fn hang_up(&self) {
        self.evaluate("hangUp()");
    }

    /// Waits until the other has hung up.
    pub fn ends(&self) {
        self.evaluate("ends()");
    }

    /// Which codec and which protection are used.
    #[must_use]
    pub fn statistics(&self) -> Value {
        self.evaluate("statistics()")
    }

    /// The answer to the last offer.
    #[must_use]
    pub fn answer(&self) -> String {
        self.evaluate("answer")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn evaluate(&self, what: &str) -> Value {
        self.phone
            .evaluate(&format!("phone.calls[{}].{what}", self.call))
    }
}

/// Without a display and a sandbox (tests run as root), with a microphone that nobody is asked about, with the
/// server's own certificate, and without a word to anybody else.
const FLAGS: [&str; 16] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--ignore-certificate-errors",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--remote-debugging-pipe",
];

const PHONE: &str = include_str!("../browser/phone.js");
