//! The portal in a browser, and a person who uses it: `browser/user.js` finds things by their names and hears.

use crate::Chromium;
use base64::Engine as _;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;

/// A page of the portal.
#[derive(Debug)]
pub struct Page {
    browser: Chromium,
    session: String,
    https: SocketAddr,
}

impl Chromium {
    /// Opens the portal of a server in a tab of its own; the microphone says a tone.
    ///
    /// # Panics
    /// When it does not open.
    #[must_use]
    pub fn portal(&self, https: SocketAddr, tone: f64) -> Page {
        let target = self.command(
            None,
            "Target.createTarget",
            &json!({ "url": "about:blank" }),
        );
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.command(None, "Target.attachToTarget", &attach);
        let page = Page {
            browser: self.clone(),
            session: session["sessionId"].as_str().unwrap_or_default().to_owned(),
            https,
        };
        let script = format!("globalThis.USER_TONE = {tone};\n{USER}");
        page.command("Page.enable", &json!({}));
        page.command(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": script }),
        );
        page.sized(1440, 900);
        page.go("/");
        page
    }
}

impl Page {
    /// Goes to an address of the portal by loading it anew.
    ///
    /// # Panics
    /// When it does not load.
    pub fn go(&self, path: &str) {
        let url = format!("https://{}{path}", self.https);
        self.command("Page.navigate", &json!({ "url": url }));
        crate::until("the page is there", crate::PATIENCE, || {
            let ready = "document.readyState === 'complete' && globalThis.user !== undefined && document.body?.innerText.trim()";
            let parameters = json!({ "expression": ready, "returnByValue": true });
            let session = Some(&*self.session);
            let answer = self
                .browser
                .try_command(session, "Runtime.evaluate", &parameters);
            answer.is_ok_and(|answer| {
                answer["result"]["value"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            })
        });
    }

    /// Logs in and waits until the page is a phone.
    ///
    /// # Panics
    /// When it does not become one.
    pub fn log_in(&self, number: &str, password: &str) {
        self.fill("账号", number);
        self.fill("密码", password);
        self.press("登入");
        self.sees("已注册");
    }

    /// Presses a button, follows a link.
    ///
    /// # Panics
    /// When nothing of that name can be pressed.
    pub fn press(&self, name: &str) {
        let place = self.evaluate(&format!("user.action({})", json!(name)));
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let click = json!({
                "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1,
            });
            self.command("Input.dispatchMouseEvent", &click);
        }
    }

    /// Puts a text into a field, in place of what stands there.
    ///
    /// # Panics
    /// When there is no field of that name.
    pub fn fill(&self, name: &str, text: &str) {
        self.evaluate(&format!("user.field({})", json!(name)));
        self.command("Input.insertText", &json!({ "text": text }));
    }

    /// Presses a key of the keyboard, as `Enter` or `m`.
    pub fn key(&self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": key, "text": text, "code": key });
            self.command("Input.dispatchKeyEvent", &key);
        }
    }

    /// Waits until a text is seen.
    ///
    /// # Panics
    /// When it is not.
    pub fn sees(&self, text: &str) {
        self.evaluate(&format!("user.sees({})", json!(text)));
    }

    /// Waits until a text is seen no more.
    ///
    /// # Panics
    /// When it stays.
    pub fn does_not_see(&self, text: &str) {
        self.evaluate(&format!("user.seesNot({})", json!(text)));
    }

    /// Whether something of that name can be pressed.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.evaluate(&format!("user.has({})", json!(name))) == true
    }

    /// Waits until the address is that of a page.
    ///
    /// # Panics
    /// When it is not.
    pub fn is_at(&self, path: &str) {
        self.evaluate(&format!("user.at({})", json!(path)));
    }

    /// Waits until a tone is heard without a break.
    ///
    /// # Panics
    /// When it is not.
    pub fn hears(&self, hz: f64) {
        self.evaluate(&format!("user.hears({hz})"));
    }

    /// Waits until a tone is heard no more.
    ///
    /// # Panics
    /// When it goes on.
    pub fn does_not_hear(&self, hz: f64) {
        self.evaluate(&format!("user.doesNotHear({hz})"));
    }

    /// Begins to count the moments in which a tone is not heard.
    pub fn watches(&self, hz: f64) {
        self.evaluate(&format!("user.watch({hz})"));
    }

    /// How many moments there were, and in how many of them it was not heard.
    #[must_use]
    pub fn missed(&self) -> (u64, u64) {
        let seen = self.evaluate("user.misses()");
        let count = |name: &str| seen[name].as_u64().unwrap_or_default();
        (count("moments"), count("missed"))
    }

    /// Gives the window another size.
    pub fn sized(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Prefers dark or light.
    pub fn prefers(&self, scheme: &str) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.command("Emulation.setEmulatedMedia", &media);
    }

    /// Takes a picture of what is seen.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn photograph(&self, file: &Path) {
        let picture = self.command("Page.captureScreenshot", &json!({ "format": "png" }));
        let data = picture["data"].as_str().unwrap_or_default();
        let png = base64::prelude::BASE64_STANDARD.decode(data);
        std::fs::write(file, png.expect("base64")).expect("a picture is written");
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
        let answer = self.command("Runtime.evaluate", &parameters);
        let thrown = &answer["exceptionDetails"];
        if !thrown.is_null() {
            if let Ok(folder) = std::env::var("BELLWIRE_PICTURES") {
                self.photograph(&Path::new(&folder).join("failed.png"));
            }
            panic!("{expression}: {}", thrown["exception"]["description"]);
        }
        answer["result"]["value"].clone()
    }

    fn command(&self, method: &str, parameters: &Value) -> Value {
        self.browser
            .command(Some(&self.session), method, parameters)
    }
}

const USER: &str = include_str!("../browser/user.js");
