//! What people of the web are known by and keep, and who hears of changes.

use crate::support::{block_on, number, open, record, with_extension};
use model::{Change, Contact, Fact, Role, Site, Switched, Wall};
use std::sync::{Arc, Mutex};
use store::{CallQuery, ContactRow, SessionRow, Store, TokenRow};

fn session(hash: &str, seen: i64) -> SessionRow {
    SessionRow {
        hash: hash.to_owned(),
        seen: Wall(seen),
        body: String::from("{}"),
    }
}

fn contact(id: u64, owner: &str) -> ContactRow {
    ContactRow {
        owner: number(owner),
        contact: Contact {
            id,
            name: format!("Contact {id}"),
            ..Contact::default()
        },
    }
}

/// Runs a question that needs a runtime, and closes the store within it.
fn ask<T>(store: &Store, question: impl AsyncFnOnce(&Store) -> T) -> T {
    block_on(async {
        let answer = question(store).await;
        let store = store.clone();
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        closed.expect("closing does not panic");
        answer
    })
}

#[test]
fn who_is_logged_in_and_what_he_keeps_outlasts_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    {
        let (_taken, opened) = open(folder.path()).expect("open");
        let store = opened.store;
        for row in [session("a", 1), session("b", 2), session("a", 3)] {
            store.put_session(row).wait().expect("saved");
        }
        store
            .remove_session(String::from("b"))
            .wait()
            .expect("saved");
        let token = TokenRow {
            name: String::from("backup"),
            hash: String::from("h"),
            role: Role::Operator,
            created: Wall(4),
        };
        store.put_token(token).wait().expect("saved");
        for row in [contact(1, "100"), contact(2, "101"), contact(3, "100")] {
            store.put_contact(row).wait().expect("saved");
        }
        store.remove_contact(3).wait().expect("saved");
        for _ in 0..2 {
            store.note(Wall(0), &Fact::Blocked(number("02800000000")));
        }
        store.close();
    }
    let (_taken, opened) = open(folder.path()).expect("open again");
    ask(&opened.store, async |store| {
        assert_eq!(store.sessions().await.expect("read"), [session("a", 3)]);
        let tokens = store.tokens().await.expect("read");
        assert_eq!((tokens.len(), tokens[0].role), (1, Role::Operator));
        let own = store.contacts(Some(&number("100"))).await.expect("read");
        assert_eq!(own, [contact(1, "100")]);
        assert_eq!(store.contacts(None).await.expect("read").len(), 2);
        let hits = store.blacklist_hits().await.expect("read");
        assert_eq!(hits.get(&number("02800000000")), Some(&2));
    });
}

#[test]
fn every_configuration_is_told_in_order_and_before_it_is_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    let store = opened.store;
    let told: Arc<Mutex<Vec<Arc<Site>>>> = Arc::default();
    let telling = Arc::clone(&told);
    store.on_site(move |site| telling.lock().expect("no panic").push(Arc::clone(site)));
    let change = store.change(|site| Some(with_extension(site, "100")));
    assert_eq!(told_after(&told, change.wait().expect("saved")), 1);
    let dnd = Change::DoNotDisturb(number("100"), Switched::On);
    let saved = store.save_change(dnd.clone()).wait().expect("saved");
    assert_eq!(told_after(&told, saved), 2);
    let again = store.save_change(dnd).wait().expect("nothing to save");
    assert_eq!(
        told_after(&told, again),
        2,
        "what changes nothing is not told"
    );
    store.close();
}

/// How many configurations were told; the last of them is the one that was acknowledged.
fn told_after(told: &Mutex<Vec<Arc<Site>>>, acknowledged: Arc<Site>) -> usize {
    let told = told.lock().expect("no panic");
    assert_eq!(told.last(), Some(&acknowledged));
    told.len()
}

/// CDR-15
#[test]
fn all_records_are_read_in_one_pass_though_many_began_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    let store = opened.store;
    // Two began in each second: the time alone does not tell them apart.
    let put = (0..2_300)
        .map(|call| store.put_record(record(call, i64::try_from(call).expect("small") / 2)));
    for saved in put.collect::<Vec<_>>() {
        saved.wait().expect("saved");
    }
    for extension in [None, Some(number("100"))] {
        let query = CallQuery {
            extension,
            ..CallQuery::default()
        };
        let found = block_on(async {
            let mut found = Vec::new();
            let mut last = None;
            loop {
                let batch = store
                    .calls_before(&query, last.as_ref())
                    .await
                    .expect("read");
                last = batch.last().cloned();
                if last.is_none() {
                    break;
                }
                found.extend(batch.into_iter().map(|stored| stored.record.call.0));
            }
            found
        });
        let newest_first: Vec<u64> = (0..2_300).rev().collect();
        assert_eq!(found, newest_first);
    }
    store.close();
}
