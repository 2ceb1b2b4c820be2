//! Exploration.
use crate::support::{command, session};
use brownout::sim::time::{MILLISECOND, SECOND};

#[test]
fn explore() {
    for text in [
        "crash web-2 for 8s",
        "crash web-1,web-2 for 6s",
        "crash web for 3s",
        "crash menus for 3s",
        "crash orders-db:primary for 20s",
        "crash orders-db for 3s",
        "traffic x2 for 6s",
        "power_off zone:a for 5s",
    ] {
        let mut s = session("food-delivery", 1);
        s.advance(10 * SECOND).unwrap();
        s.inject(&command(text)).unwrap();
        println!("== {text}");
        let mut last = s.observers().total();
        let menus = s.world().topology().node("menus").unwrap();
        let mut hits = s.observers().node(menus);
        let mut line = String::new();
        for step in 1..=60u64 {
            s.advance(10 * SECOND + step * 500 * MILLISECOND).unwrap();
            let now = s.observers().total();
            let d = now.since(&last);
            let h = s.observers().node(menus);
            let dh = h.since(&hits);
            let busy = s.picture().vitals.busiest.map_or(0.0, |(_, u)| u);
            line += &format!(
                "{:>4.1}: ok {:>4} bad {:>4} of {:>4} hit {:.2} busy {:.2} mean {:.1}\n",
                step as f64 / 2.0, d.ok(), d.bad(), d.offered, dh.hit_ratio().unwrap_or(-1.0), busy,
                d.answered_ns as f64 / 1e6 / d.answered().max(1) as f64
            );
            last = now;
            hits = h;
        }
        println!("{line}");
    }
}
