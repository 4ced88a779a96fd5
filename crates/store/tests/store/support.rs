//! What the store's tests share.

use model::{
    CallId, CallRecord, CallStatus, CallType, Cause, Duration, Extension, FinalCallee, LegId,
    Number, Secret, Site, Wall,
};
use std::path::Path;
use std::sync::Arc;
use store::{DataFolder, OpenError, Opened, Store};

pub(crate) fn open(folder: &Path) -> Result<(DataFolder, Opened), OpenError> {
    let folder = DataFolder::take(folder)?;
    let opened = Store::open(&folder, Path::new("bellwire.db"), |_| {})?;
    Ok((folder, opened))
}

pub(crate) fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

/// A call from 100 to 101 that began at a second and was answered.
pub(crate) fn record(call: u64, start_seconds: i64) -> CallRecord {
    let start = Wall(start_seconds * 1_000);
    CallRecord {
        call: CallId(call),
        start,
        end: Wall(start.0 + 5_000),
        caller: String::from("100"),
        caller_name: String::from("张三"),
        callee: number("101"),
        final_callee: FinalCallee::Number(number("101")),
        talked: Duration::from_secs(3),
        call_type: CallType::Internal,
        status: CallStatus::Answered,
        cause: Cause::Normal,
        extensions: vec![number("100"), number("101")],
        legs: vec![LegId(1), LegId(2)],
        recordings: Vec::new(),
        quality: Vec::new(),
    }
}

pub(crate) fn extension(text: &str) -> Extension {
    let secret = Secret {
        md5: [7; 16],
        sha256: [9; 32],
    };
    Extension::new(number(text), "somebody", secret)
}

/// The site with one more extension.
pub(crate) fn with_extension(site: &Site, text: &str) -> Site {
    let mut directory = (*site.directory).clone();
    directory
        .extensions
        .insert(number(text), Arc::new(extension(text)));
    Site {
        directory: Arc::new(directory),
        ..site.clone()
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}
