//! What this process uses, as the kernel counts it.

use std::fs;
use std::io;
use std::time::Duration;

/// The processor time of all threads whose names begin so.
pub(crate) fn cpu_of(thread: &str) -> io::Result<Duration> {
    let mut nanos = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let path = task?.path();
        // A thread may have ended meanwhile.
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        if name.trim_end().starts_with(thread) {
            let times = fs::read_to_string(path.join("schedstat"))?;
            let ran = times.split(' ').next().and_then(|ran| ran.parse().ok());
            nanos += ran.unwrap_or(0_u64);
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// The processor time of this thread.
pub(crate) fn own_cpu() -> io::Result<Duration> {
    let times = fs::read_to_string("/proc/thread-self/schedstat")?;
    let ran = times.split(' ').next().and_then(|ran| ran.parse().ok());
    Ok(Duration::from_nanos(ran.unwrap_or(0)))
}

/// Resident memory in bytes.
pub(crate) fn resident() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Ok(kib.unwrap_or(0_u64) * 1024)
}
