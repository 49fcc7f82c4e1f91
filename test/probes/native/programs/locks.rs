// The same in Rust: `contended THREADS HOLD_US` on one mutex, `idle THREADS` on a condition variable whose counter stands at 2.
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

static LOCK: Mutex<u64> = Mutex::new(0);
static JOBS: Mutex<bool> = Mutex::new(false);
static WORK: Condvar = Condvar::new();
static TOTAL: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
static SINCE: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];

fn ns(began: Instant) -> u64 { began.elapsed().as_nanos() as u64 + 1 }
fn spin(us: u64) { let end = Instant::now() + Duration::from_micros(us); while Instant::now() < end {} }

#[inline(never)]
fn locked_search(i: usize, began: Instant, hold_us: u64) {
    let since = ns(began);
    SINCE[i].store(since, Relaxed);
    let mut held = LOCK.lock().unwrap();
    SINCE[i].store(0, Relaxed);
    TOTAL[i].fetch_add(ns(began) - since, Relaxed);
    spin(hold_us);
    *held += 1;
}

#[inline(never)]
fn handle_request(i: usize, began: Instant, hold_us: u64) {
    locked_search(i, began, hold_us);
    spin(20);
}

#[inline(never)]
fn wait_for_work() {
    let mut ready = JOBS.lock().unwrap();
    while !*ready { ready = WORK.wait(ready).unwrap(); }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let threads: usize = args[2].parse().unwrap();
    let hold_us: u64 = args.get(3).map_or(0, |text| text.parse().unwrap());
    let began = Instant::now();
    let contended = args[1] == "contended";
    for i in 0..threads {
        std::thread::spawn(move || loop { if contended { handle_request(i, began, hold_us) } else { wait_for_work() } });
    }
    if !contended {
        for _ in 0..2 { std::thread::sleep(Duration::from_millis(200)); WORK.notify_all(); }
    }
    println!("ready");
    for _ in std::io::stdin().lock().lines() {
        let total: u64 = (0..64).map(|i| {
            let since = SINCE[i].load(Relaxed);
            TOTAL[i].load(Relaxed) + if since > 0 { ns(began) - since } else { 0 }
        }).sum();
        println!("TRUTH {{\"lockMs\": {}}}", total as f64 / 1e6);
    }
    std::process::exit(0)
}
