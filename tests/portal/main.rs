//! The portal, used by a person in a real browser, with real phones at the other end (manual, chapter 1).

use peers::tones::{ALICE, BOB, CAROL};
use peers::{Baresip, Chromium, Page, Server, Site, talk};
use std::time::Duration;

/// GEN-03 GEN-04 GEN-05
#[test]
fn an_extension_logs_in_with_its_number_and_password() {
    let server = Server::start(&office());
    let browser = Chromium::start(None);
    let page = browser.portal(server.https(), ALICE);
    page.is_at("/login");
    page.fill("账号", "100");
    page.fill("密码", "wrong");
    page.press("登入");
    page.sees("账号或密码不正确");
    page.fill("密码", &Site::password("100"));
    page.press("登入");
    page.is_at("/");
    page.sees("已注册");
    page.go("/codes");
    page.sees("一键录音");
    page.press("张三 100");
    page.press("退出登录");
    page.is_at("/login");
    page.go("/codes");
    page.is_at("/login");
}

/// GEN-01
#[test]
fn while_the_portal_is_off_the_page_says_so() {
    let server = Server::start(&Site::with(["100"]));
    let browser = Chromium::start(None);
    let page = browser.portal(server.https(), ALICE);
    page.sees("分机用户界面未开启");
}

/// DIAL-01 DIAL-02 DIAL-03 DIAL-04
#[test]
fn a_call_is_dialled_on_the_keypad_and_both_hear_each_other() {
    let server = Server::start(&office());
    let mut bob = phone(&server, "101", BOB);
    let browser = Chromium::start(None);
    let page = logged_in(&browser, &server);
    for key in ["1", "0", "9"] {
        page.press(&format!("按键 {key}"));
    }
    page.press("删除一位");
    page.press("按键 1");
    page.press("呼叫");
    bob.up();
    page.sees("通话中");
    page.hears(BOB);
    talk(CONVERSATION);

    page.press("静音");
    page.press("取消静音");
    page.press("保持");
    page.does_not_hear(BOB);
    page.press("恢复");
    page.hears(BOB);
    page.press("键盘");
    page.press("按键 5");
    assert_eq!(bob.receives_keys("5"), "5", "each key once");
    page.press("挂断");
    page.sees("通话已结束");
    bob.call_ends();
    server.is_quiet();
    let bob = bob.switched_off();
    bob.hears(ALICE, 2.0);
}

/// DIAL-07, GEN-09: whoever calls is seen on every page, and the call outlives every change of page.
#[test]
fn a_call_is_answered_on_any_page_and_survives_all_of_them() {
    let server = Server::start(&office());
    let browser = Chromium::start(None);
    let page = logged_in(&browser, &server);
    let mut bob = phone(&server, "101", BOB);
    page.press("功能码");
    page.is_at("/codes");
    bob.call("100");
    page.sees("来电");
    page.sees("李四");
    page.press("接听");
    bob.up();
    page.hears(BOB);
    page.watches(BOB);
    for _ in 0..10 {
        page.press("拨号");
        page.is_at("/");
        page.press("功能码");
        page.is_at("/codes");
    }
    let (moments, missed) = page.missed();
    println!("{missed} of {moments} moments without the other's tone during 20 changes of page");
    assert!(
        moments > 20 && missed * 50 <= moments,
        "{missed} of {moments}"
    );
    bob.hang_up();
    page.sees("通话已结束");
    server.is_quiet();
}

/// A refused call says why.
#[test]
fn a_call_that_fails_says_why_in_words() {
    let server = Server::start(&office());
    let browser = Chromium::start(None);
    let page = logged_in(&browser, &server);
    page.fill("号码", "987654");
    page.key("Enter");
    page.sees("空号");
    page.press("重拨");
    page.press("挂断");
    server.is_quiet();
}

/// A second tab of the same browser is no second phone, until it takes over.
#[test]
fn one_tab_is_the_phone() {
    let server = Server::start(&office());
    let browser = Chromium::start(None);
    let first = logged_in(&browser, &server);
    let second = browser.portal(server.https(), CAROL);
    second.sees("网页电话在另一个标签页中");
    second.press("在此使用");
    second.sees("已注册");
    first.sees("网页电话在另一个标签页中");
    let mut bob = phone(&server, "101", BOB);
    bob.call("100");
    second.sees("来电");
    assert!(!first.has("接听"));
    second.press("接听");
    bob.up();
    second.hears(BOB);
    second.press("挂断");
    bob.call_ends();
    server.is_quiet();
}

/// GEN-11
#[test]
fn the_language_changes_without_a_reload() {
    let server = Server::start(&office());
    let browser = Chromium::start(None);
    let page = logged_in(&browser, &server);
    page.evaluate("globalThis.stays = true");
    page.press("张三 100");
    page.press("English");
    page.sees("Registered");
    page.sees("Recent calls");
    page.does_not_see("最近通话");
    assert_eq!(page.evaluate("globalThis.stays"), true, "no reload");
    assert_eq!(page.evaluate("document.documentElement.lang"), "en");
}

fn office() -> Site {
    Site::with(["100", "101", "102"])
        .system("portal = true")
        .system("language = \"zh-CN\"")
        .extension("100", "name = \"张三\"")
        .extension("101", "name = \"李四\"")
}

fn logged_in(browser: &Chromium, server: &Server) -> Page {
    let page = browser.portal(server.https(), ALICE);
    page.log_in("100", &Site::password("100"));
    page
}

/// A desk phone that answers by itself.
fn phone(server: &Server, number: &str, tone: f64) -> Baresip {
    Baresip::with(server.login(number))
        .tone(tone)
        .answering()
        .start()
        .registered()
}

const CONVERSATION: Duration = Duration::from_secs(3);
