//! Colours, and what becomes of them on a terminal that has fewer.

use ratatui::style::Color;
use serde::{Deserialize, Deserializer, de};

/// Red, green and blue, 0 to 255 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Depth {
    /// 24 bits.
    #[default]
    True,
    /// xterm's 256.
    Indexed,
    /// The 16 of the user's own palette.
    Sixteen,
    /// None at all, as with `NO_COLOR`.
    None,
}

impl Depth {
    /// What a terminal can do, told by its environment: `NO_COLOR` (<https://no-color.org>: set and
    /// not empty), `COLORTERM`, `TERM`.
    #[must_use]
    pub fn of(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Depth {
        let term = term.unwrap_or_default();
        if no_color.is_some_and(|v| !v.is_empty()) || term == "dumb" {
            Depth::None
        } else if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            Depth::True
        } else if term.contains("256color") {
            Depth::Indexed
        } else {
            Depth::Sixteen
        }
    }
}

impl Rgb {
    /// Black.
    pub const BLACK: Rgb = Rgb(0, 0, 0);

    /// `#RRGGBB`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Rgb> {
        let hex = text.strip_prefix('#').filter(|h| h.len() == 6 && h.is_ascii())?;
        let part = |i: usize| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok();
        Some(Rgb(part(0)?, part(2)?, part(4)?))
    }

    /// The nearest colour that a terminal of that depth has.
    #[must_use]
    pub fn at(self, depth: Depth) -> Color {
        match depth {
            Depth::True => Color::Rgb(self.0, self.1, self.2),
            Depth::Indexed => Color::Indexed(self.nearest_indexed()),
            Depth::Sixteen => Named::ALL[self.nearest(&SIXTEEN)].colour(),
            Depth::None => Color::Reset,
        }
    }

    /// The colour on the way to another after `step` of `of` steps. The first step is a third of the
    /// way, so that it is seen.
    #[must_use]
    pub fn towards(self, other: Rgb, step: u8, of: u8) -> Rgb {
        let (step, of) = (u32::from(step.min(of)), u32::from(of.max(1)));
        let mix = |a: u8, b: u8| {
            let (a, b) = (u32::from(a) * 2 * (of - step), u32::from(b) * (of + 2 * step));
            ((a + b) / (3 * of)) as u8
        };
        Rgb(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Index among xterm's colours 16 to 255: the cube and the greys, which no user has changed.
    fn nearest_indexed(self) -> u8 {
        let cube = (16..=255).map(indexed).collect::<Vec<_>>();
        16 + self.nearest(&cube) as u8
    }

    /// The first of those at the least distance.
    fn nearest(self, of: &[Rgb]) -> usize {
        let nearest = of.iter().enumerate().min_by_key(|(_, c)| self.distance(**c));
        nearest.map_or(0, |(i, _)| i)
    }

    /// Squared distance, weighted as the eye weighs red, green and blue.
    fn distance(self, other: Rgb) -> u32 {
        let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        3 * part(self.0, other.0) + 6 * part(self.1, other.1) + part(self.2, other.2)
    }
}

impl<'de> Deserialize<'de> for Rgb {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Rgb, D::Error> {
        let text = String::deserialize(from)?;
        Rgb::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is not a colour: expected #RRGGBB")))
    }
}

/// The colour of an index of xterm's table, 16 and above (below is the user's own).
#[must_use]
pub(crate) fn indexed(index: u8) -> Rgb {
    let Some(cube) = index.checked_sub(16) else { return SIXTEEN[index as usize] };
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return Rgb(grey, grey, grey);
    }
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
}

/// Halfway from a colour of xterm's cube to the ground, by steps of the cube: of so few colours the one that is
/// nearest to the mean may have another hue, and an orange that is paled would be an olive. Of a grey, the
/// grey that is nearest.
#[must_use]
pub(super) fn halfway(index: u8, paper: Rgb) -> u8 {
    let Some(cube @ ..216) = index.checked_sub(16) else {
        return paper.towards(indexed(index), 1, 4).nearest_indexed();
    };
    let step = |of: u8| ((u16::from(of) * 5 + 127) / 255) as u8;
    let between =
        |ink: u8, ground: u8| ink.midpoint(ground) + (ink + ground) % 2 * u8::from(ink > ground);
    let red = between(cube / 36, step(paper.0));
    let green = between(cube / 6 % 6, step(paper.1));
    16 + 36 * red + 6 * green + between(cube % 6, step(paper.2))
}

/// xterm's first 16 colours as shipped, in the order of [`Named::ALL`].
const SIXTEEN: [Rgb; 16] = [
    Rgb(0, 0, 0),
    Rgb(205, 0, 0),
    Rgb(0, 205, 0),
    Rgb(205, 205, 0),
    Rgb(0, 0, 238),
    Rgb(205, 0, 205),
    Rgb(0, 205, 205),
    Rgb(229, 229, 229),
    Rgb(127, 127, 127),
    Rgb(255, 0, 0),
    Rgb(0, 255, 0),
    Rgb(255, 255, 0),
    Rgb(92, 92, 255),
    Rgb(255, 0, 255),
    Rgb(0, 255, 255),
    Rgb(255, 255, 255),
];

macro_rules! named {
    ($($name:ident = $colour:ident;)*) => {
        /// One of 16 colours.
        #[derive(Clone, Copy, Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum Named { $($name,)* }

        impl Named {
            const ALL: [Named; 16] = [$(Named::$name),*];

            pub(super) fn colour(self) -> Color {
                match self { $(Named::$name => Color::$colour,)* }
            }
        }
    };
}

named! {
    Black = Black;
    Red = Red;
    Green = Green;
    Yellow = Yellow;
    Blue = Blue;
    Magenta = Magenta;
    Cyan = Cyan;
    White = Gray;
    BrightBlack = DarkGray;
    BrightRed = LightRed;
    BrightGreen = LightGreen;
    BrightYellow = LightYellow;
    BrightBlue = LightBlue;
    BrightMagenta = LightMagenta;
    BrightCyan = LightCyan;
    BrightWhite = White;
}

/// The colour that a cell shows, for a picture; `None` for `Reset`.
#[must_use]
pub(crate) fn shown(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(i) => Some(indexed(i)),
        named => Named::ALL.iter().position(|n| n.colour() == named).map(|i| SIXTEEN[i]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_the_depth() {
        assert_eq!(Depth::of(Some("1"), Some("truecolor"), None), Depth::None);
        assert_eq!(Depth::of(Some(""), Some("truecolor"), None), Depth::True);
        assert_eq!(Depth::of(None, None, Some("xterm-256color")), Depth::Indexed);
        assert_eq!(Depth::of(None, None, Some("xterm")), Depth::Sixteen);
        assert_eq!(Depth::of(None, None, Some("dumb")), Depth::None);
    }

    #[test]
    fn colours_of_the_table_are_their_own_nearest() {
        for i in 16..=255 {
            assert_eq!(indexed(indexed(i).nearest_indexed()), indexed(i), "{i}");
        }
        assert_eq!(Rgb(0xD5, 0x5E, 0).at(Depth::Indexed), Color::Indexed(166));
    }

    #[test]
    fn hex_is_strict() {
        assert_eq!(Rgb::parse("#0a0B0c"), Some(Rgb(10, 11, 12)));
        assert_eq!(Rgb::parse("#0a0B0"), None);
        assert_eq!(Rgb::parse("0a0B0c"), None);
        assert_eq!(Rgb::parse("#0a0Bé"), None);
    }
}
