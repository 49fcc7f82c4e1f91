//! Eight threads share one std Mutex, held 200 us, beside a thread that waits on a Condvar and one that is parked.
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

static SEARCH: Mutex<u64> = Mutex::new(0);
static JOBS: Mutex<bool> = Mutex::new(false);
static FILLED: Condvar = Condvar::new();
static WAITED: AtomicU64 = AtomicU64::new(0);

#[inline(never)]
fn search() -> u64 {
    let before = Instant::now();
    let mut found = SEARCH.lock().unwrap();
    let waited = before.elapsed();
    let held = Instant::now();
    while held.elapsed() < Duration::from_micros(200) {
        *found = black_box(*found + 1);
    }
    waited.as_nanos() as u64
}

fn main() {
    let ms = std::env::args().nth(1).and_then(|given| given.parse().ok()).unwrap_or(1000);
    let end = Instant::now() + Duration::from_millis(ms);
    let parked = std::thread::spawn(std::thread::park);
    let idle = std::thread::spawn(|| {
        let mut done = JOBS.lock().unwrap();
        while !*done {
            done = FILLED.wait(done).unwrap();
        }
    });
    let searchers: Vec<_> = (0..8)
        .map(|_| {
            std::thread::spawn(move || {
                while Instant::now() < end {
                    WAITED.fetch_add(search(), Relaxed);
                }
            })
        })
        .collect();
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
        FILLED.notify_one();
    }
    searchers.into_iter().for_each(|searcher| searcher.join().unwrap());
    *JOBS.lock().unwrap() = true;
    FILLED.notify_one();
    parked.thread().unpark();
    idle.join().unwrap();
    parked.join().unwrap();
    println!("TRUTH {{\"wait_ns\":{}}}", WAITED.load(Relaxed));
}
