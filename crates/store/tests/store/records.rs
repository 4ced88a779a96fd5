//! What is written down about calls, and how it is asked for.

use crate::support::{block_on, number, open, record};
use model::{
    CallId, CallStatus, CallType, Cause, Duration, Fact, FinalCallee, LegId, LegQuality, Origin,
    Party, RecordingId, Wall,
};
use store::{CallQuery, PER_PAGE_MAX, Page, Store, StoredCall};

fn calls(store: &Store, query: &CallQuery) -> Page<StoredCall> {
    block_on(store.calls(query)).expect("an answer")
}

fn ids(page: &Page<StoredCall>) -> Vec<u64> {
    page.items
        .iter()
        .map(|stored| stored.record.call.0)
        .collect()
}

/// CDR-02, CDR-03, CDR-05, CDR-06: what was put is what is read, newest first.
#[test]
fn a_record_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_folder, opened) = open(folder.path()).expect("open");
    let mut to_mailbox = record(2, 2_000);
    to_mailbox.final_callee = FinalCallee::Voicemail(number("101"));
    to_mailbox.status = CallStatus::NoAnswer;
    to_mailbox.talked = Duration::ZERO;
    to_mailbox.cause = Cause::NoAnswer;
    to_mailbox.caller = String::new();
    to_mailbox.quality = vec![LegQuality {
        leg: LegId(1),
        codec: String::from("opus"),
        received: 1_000,
        lost: 10,
        peer_lost: 3,
        peer_mos_x100: Some(380),
        jitter_ms: 12,
        round_trip_ms: Some(40),
        mos_x100: 417,
    }];
    for record in [&record(1, 1_000), &to_mailbox] {
        let written = opened.store.put_record(record.clone()).wait();
        assert_eq!(written, Ok(()));
    }
    let page = calls(&opened.store, &CallQuery::default());
    let records: Vec<_> = page.items.into_iter().map(|stored| stored.record).collect();
    assert_eq!(records, [to_mailbox, record(1, 1_000)]);
    opened.store.close();
}

/// CDR-15
#[test]
fn a_record_is_never_written_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_folder, opened) = open(folder.path()).expect("open");
    for _ in 0..3 {
        assert_eq!(opened.store.put_record(record(1, 1_000)).wait(), Ok(()));
    }
    assert_eq!(calls(&opened.store, &CallQuery::default()).total, 1);
    opened.store.close();
    // Calls are counted anew by the next run.
    let (_folder, opened) = {
        drop(_folder);
        open(folder.path()).expect("open again")
    };
    assert_eq!(opened.store.put_record(record(1, 1_000)).wait(), Ok(()));
    assert_eq!(calls(&opened.store, &CallQuery::default()).total, 2);
    opened.store.close();
}

/// CDR-07, CDR-09, CDR-10, CDR-11, CDR-14: dates, type, number and extension select together.
#[test]
fn records_are_selected_by_date_type_number_and_extension() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_folder, opened) = open(folder.path()).expect("open");
    let mut inbound = record(2, 2_000);
    inbound.call_type = CallType::Inbound;
    inbound.caller = String::from("02885337100");
    inbound.extensions = vec![number("101")];
    let mut picked_up = record(3, 3_000);
    picked_up.final_callee = FinalCallee::Number(number("107"));
    picked_up.extensions.push(number("107"));
    for record in [record(1, 1_000), inbound, picked_up] {
        opened.store.put_record(record).wait().expect("written");
    }
    let query = |change: &dyn Fn(&mut CallQuery)| {
        let mut query = CallQuery::default();
        change(&mut query);
        ids(&calls(&opened.store, &query))
    };
    assert_eq!(query(&|_| {}), [3, 2, 1]);
    assert_eq!(query(&|q| q.from = Some(Wall(2_000_000))), [3, 2]);
    assert_eq!(query(&|q| q.until = Some(Wall(2_000_000))), [1]);
    assert_eq!(query(&|q| q.call_type = Some(CallType::Inbound)), [2]);
    assert_eq!(query(&|q| q.number = Some(number("10"))), NONE);
    assert_eq!(query(&|q| q.number = Some(number("107"))), [3]);
    assert_eq!(query(&|q| q.number = Some(number("02885337100"))), [2]);
    assert_eq!(query(&|q| q.extension = Some(number("100"))), [3, 1]);
    assert_eq!(query(&|q| q.extension = Some(number("107"))), [3]);
    // The outside number did not take part: it has no list of its own.
    assert_eq!(query(&|q| q.extension = Some(number("02885337100"))), NONE);
    let both = query(&|q| {
        q.extension = Some(number("101"));
        q.number = Some(number("107"));
        q.call_type = Some(CallType::Internal);
        q.from = Some(Wall(1_000_000));
    });
    assert_eq!(both, [3]);
    opened.store.close();
}

/// BL-03: the last caller is the newest who is somebody else, answered or not.
#[test]
fn the_last_caller_of_an_extension_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_folder, opened) = open(folder.path()).expect("open");
    let last = |extension: &str| {
        let last = block_on(opened.store.last_caller(&number(extension)));
        let last = last.expect("an answer");
        last.map(|party| party.number.map(|number| number.to_string()))
    };
    assert_eq!(last("101"), None);
    let mut from_outside = record(1, 1_000);
    from_outside.caller = String::from("02885337100");
    from_outside.extensions = vec![number("101")];
    from_outside.status = CallStatus::NoAnswer;
    let mut own = record(2, 2_000);
    own.caller = String::from("101");
    own.callee = number("100");
    own.extensions = vec![number("101"), number("100")];
    for record in [from_outside, own] {
        opened.store.put_record(record).wait().expect("written");
    }
    assert_eq!(last("101"), Some(Some(String::from("02885337100"))));
    assert_eq!(last("100"), Some(Some(String::from("101"))));
    assert_eq!(last("102"), None, "who was not called");
    let mut anonymous = record(3, 3_000);
    anonymous.caller = String::new();
    anonymous.extensions = vec![number("101")];
    opened.store.put_record(anonymous).wait().expect("written");
    assert_eq!(last("101"), Some(None));
    opened.store.close();
}

/// CDR-12: the total counts all pages.
#[test]
fn records_come_in_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_folder, opened) = open(folder.path()).expect("open");
    let written: Vec<_> = (0..450)
        .map(|call| opened.store.put_record(record(call, 1_000)))
        .collect();
    for completion in written {
        completion.wait().expect("written");
    }
    let page = |page, per_page| {
        let query = CallQuery {
            page,
            per_page,
            ..CallQuery::default()
        };
        calls(&opened.store, &query)
    };
    assert_eq!((page(1, 0).items.len(), page(1, 0).total), (50, 450));
    assert_eq!(ids(&page(2, 2)), [447, 446]);
    let most = usize::try_from(PER_PAGE_MAX).expect("small");
    assert_eq!(page(1, 100_000).items.len(), most);
    assert_eq!(page(3, 200).items.len(), 50);
    assert_eq!(page(4, 200).items.len(), 0);
    assert_eq!(page(u32::MAX, 200).total, 450);
    opened.store.close();
}

/// CDR-15: a call that ended with the server has a record that says so.
#[test]
fn a_call_that_the_server_did_not_end_gets_a_record_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    let site = opened
        .store
        .change(|site| Some(crate::support::with_extension(site, "101")))
        .wait()
        .expect("saved");
    assert_eq!(site.directory.extensions.len(), 1);
    let begin = Wall(1_000_000);
    let began = |call, leg| Fact::Began {
        call: CallId(call),
        leg: LegId(leg),
        origin: Origin::Extension(number("100")),
        dialled: number("101"),
    };
    opened.store.note(begin, &began(1, 1));
    opened.store.note(begin, &began(2, 3));
    opened.store.note(
        begin,
        &Fact::Joined {
            call: CallId(1),
            leg: LegId(2),
            party: Party {
                number: Some(number("101")),
                name: String::new(),
            },
        },
    );
    let talk = Fact::Entered {
        call: CallId(1),
        phase: "talk".into(),
    };
    opened.store.note(Wall(begin.0 + 4_000), &talk);
    let recording = RecordingId::begun(Wall(begin.0 + 4_000), 7);
    let call = CallId(1);
    opened
        .store
        .note(begin, &Fact::Recording { call, recording });
    // Longer than a call must last to be written down before its end.
    std::thread::sleep(Duration::from_millis(600));
    // The second call ends in the ordinary way.
    opened
        .store
        .put_record(record(2, 1_000))
        .wait()
        .expect("written");
    // As after SIGKILL: nothing is closed. The lock is freed as the kernel would.
    std::mem::forget(opened);
    drop(taken);
    let (_folder, opened) = open(folder.path()).expect("open again");
    assert_eq!(opened.interrupted, 1);
    let page = calls(&opened.store, &CallQuery::default());
    assert_eq!(page.total, 2);
    let of_crash = page
        .items
        .iter()
        .map(|stored| &stored.record)
        .find(|record| record.cause == Cause::Restarted)
        .expect("a record of the call that the crash ended");
    assert_eq!(of_crash.call, CallId(1));
    assert_eq!(of_crash.status, CallStatus::Answered);
    assert_eq!(of_crash.caller, "100");
    assert_eq!(of_crash.extensions, [number("100"), number("101")]);
    assert_eq!(of_crash.legs, [LegId(1), LegId(2)]);
    assert_eq!(of_crash.recordings, [recording]);
    opened.store.close();
}

const NONE: [u64; 0] = [];

#[test]
fn a_barrier_waits_for_what_was_put_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    let store = opened.store;
    let (tell, told) = std::sync::mpsc::channel();
    let tell_record = tell.clone();
    store.put_record_then(record(1, 1), move |written| {
        tell_record.send(("record", written)).expect("heard");
    });
    store.barrier_then(move |passed| tell.send(("barrier", passed)).expect("heard"));
    assert_eq!(told.recv(), Ok(("record", Ok(()))));
    assert_eq!(told.recv(), Ok(("barrier", Ok(()))));
    let found = block_on(store.calls(&CallQuery::default())).expect("an answer");
    assert_eq!(found.total, 1);
    let (tell, told) = std::sync::mpsc::channel();
    store.barrier_then(move |passed| tell.send(passed).expect("heard"));
    assert_eq!(told.recv(), Ok(Ok(())), "nothing waits");
    store.close();
}
