//! What the picture looks like, at each size and in each state: text, and the roles of its colours.

use super::*;
use crate::tui::example;
use crate::tui::theme::Depth;
use crate::tui::{svg, theme};
use ratatui::buffer::Buffer;

fn drawn(picture: &Picture, size: (u16, u16), look: &Look) -> Buffer {
    let theme = Theme::named("dark", Depth::True).unwrap();
    let plan = Plan::new(size, picture, Detail::Wide);
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    buffer.set_style(area, theme.base());
    draw(picture, &plan, look, &theme, area, &mut buffer);
    buffer
}

#[test]
fn dump() {
    for (name, picture) in [
        ("rest", example::at_rest()),
        ("crash", example::crashed()),
        ("promo", example::promoting()),
        ("cut", example::cut()),
        ("s1", example::servers(1)),
        ("s24", example::servers(24)),
        ("s100", example::servers(100)),
    ] {
        for size in [(118, 15), (198, 17), (80, 8), (60, 12), (100, 15), (150, 16)] {
            let plan = Plan::new(size, &picture, Detail::Wide);
            let look = Look { selected: Some(Target::Node(2, 1)), ..Look::default() };
            let buffer = drawn(&picture, size, &look);
            println!("{name} {size:?} {:?}\n{}", plan.detail, svg::text(&buffer));
            std::fs::write(
                format!("/tmp/dump-{name}-{}.svg", size.0),
                svg::svg(&buffer, &Theme::default()),
            )
            .unwrap();
        }
    }
    let _ = theme::ascii;
}
