//! What child processes may use: what they get came from strangers.

use rustix::process::{Resource, Rlimit, setrlimit};
use std::io;

/// For one fax call.
pub(crate) fn worker() -> io::Result<()> {
    set(Resource::Core, 0)?;
    set(Resource::As, WORKER_BYTES_MAX)?;
    set(Resource::Cpu, WORKER_SECONDS_MAX)?;
    set(Resource::Fsize, WORKER_FILE_BYTES_MAX)
}

fn set(resource: Resource, most: u64) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}

/// Address space of a worker. The server's allocator reserves a GiB before it is asked for anything.
const WORKER_BYTES_MAX: u64 = 4 << 30;

/// Processor time of a worker: an hour of fax takes some seconds, a loop in the library takes this.
const WORKER_SECONDS_MAX: u64 = 300;

/// Bytes of received pages.
const WORKER_FILE_BYTES_MAX: u64 = 256 << 20;
