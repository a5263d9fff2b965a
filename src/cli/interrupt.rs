//! What ends a run from outside while files are written (Ctrl-C, Ctrl-\, TERM, a terminal that is closed): what is staged
//! is removed, and what is begun is finished, before the run ends. A second one ends it at once; the next run puts right
//! what is left then. A file that grows past what the user may write is an error like a full disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};

/// What was asked while files were written.
pub struct Interrupt {
    /// A signal came.
    stop: Arc<AtomicBool>,
    /// No files are being written: a signal ends the run as it always does.
    idle: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on.
    pub fn new() -> Self {
        let interrupt = Self { stop: Arc::default(), idle: Arc::new(AtomicBool::new(true)) };
        #[cfg(unix)]
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal)) {
            use signal_hook::flag;
            // Without a handler a signal ends the run, and the next one cleans up. What is done at once comes first.
            let _ = flag::register_conditional_default(signal, Arc::clone(&interrupt.idle));
            let _ = flag::register_conditional_default(signal, Arc::clone(&interrupt.stop));
            let _ = flag::register(signal, Arc::clone(&interrupt.stop));
        }
        // Once it is heard, what is written fails instead.
        #[cfg(unix)]
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
        interrupt
    }

    /// Set once a signal came.
    pub fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Whether a signal came.
    pub fn is_asked(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Does `work`, which looks at [`Interrupt::stop`] now and then.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.idle.store(false, Ordering::SeqCst);
        let done = work();
        self.idle.store(true, Ordering::SeqCst);
        done
    }
}

/// Whether who started this wants it to go on through the signal, as `nohup` does.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    signal > 0 && mask >> (signal - 1) & 1 == 1
}
