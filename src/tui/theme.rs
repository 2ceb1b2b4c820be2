//! Themes: which colour a role has, on which terminal.
//!
//! Panels name roles ([`Role::NodeDown`]) and never colours. The built-in themes are data
//! (`assets/themes/*.toml`); nothing but this file knows their values. A theme is made for one
//! [`Depth`], so that a panel need not ask what the terminal can do.

mod ascii;
mod colour;

pub use ascii::ascii;
pub(crate) use colour::shown;
pub use colour::{Depth, Rgb};

use colour::Named;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $key:ident;)*) => {
        /// What a colour means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Role { $($(#[$doc])* $role,)* }

        impl Role {
            /// All roles with the key that each has in a theme file.
            pub const ALL: &'static [(&'static str, Role)] = &[$((stringify!($key), Role::$role)),*];
        }

        /// The table `roles` of a theme file: every role, and nothing else.
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Inks { $($key: Ink,)* }

        impl Inks {
            fn of(&self, role: Role) -> &Ink {
                match role { $(Role::$role => &self.$key,)* }
            }
        }
    };
}

roles! {
    /// Figures, names, sentences.
    Text = text;
    /// Frames, labels, small print.
    Dim = dim;
    /// The selection, the focused frame, letters of keys.
    Accent = accent;
    /// A node that is up; a gauge below its warning.
    NodeOk = node_ok;
    /// Something to watch: a gauge near its limit, a node in between, a wrong belief.
    NodeWarn = node_warn;
    /// A node that is down; a gauge at its limit.
    NodeDown = node_down;
    /// Served messages; goodput.
    FlowOk = flow_ok;
    /// Failed messages and requests.
    FlowFail = flow_fail;
    /// A primary.
    Primary = primary;
    /// A replica.
    Replica = replica;
    /// Commands on charts and in the log, cuts.
    Marker = marker;
    /// Losses, conflicts, two primaries.
    DataBad = data_bad;
    /// A link with nothing on it.
    LinkIdle = link_idle;
}

/// How one role is written in a theme file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ink {
    /// `None`: the terminal's own ink.
    colour: Option<Rgb>,
    /// Its name among 16 colours; the nearest if it is not given.
    ansi: Option<Named>,
    /// Whether it is faint among 16 colours, where a grey of its own may be the colour of the ground.
    #[serde(default)]
    faint: bool,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    inverse: bool,
}

/// A theme file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    about: String,
    background: Option<Rgb>,
    roles: Inks,
}

const FILES: [(&str, &str); 4] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// A colour for each role, at one depth of colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name: `dark`.
    pub name: String,
    /// One line on what it is for.
    pub about: String,
    /// Whether the finished screen is to be written in ASCII (see [`ascii()`]).
    pub ascii: bool,
    background: Color,
    paper: Rgb,
    ink: Rgb,
    styles: Vec<Style>,
}

impl Theme {
    /// The names of the built-in themes, in the order in which a key goes through them.
    pub const NAMES: [&'static str; 4] = ["dark", "light", "high-contrast", "mono"];

    /// A built-in theme at that depth; `None` if there is none of that name.
    #[must_use]
    pub fn named(name: &str, depth: Depth) -> Option<Theme> {
        let (_, text) = FILES.iter().find(|(n, _)| *n == name)?;
        Theme::parse(text, depth).ok()
    }

    /// A theme from the text of a file.
    ///
    /// # Errors
    /// When it is not TOML, has an unknown key, lacks a role, or a colour is not `#RRGGBB`: a
    /// sentence with line and column.
    pub fn parse(text: &str, depth: Depth) -> Result<Theme, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        Ok(Theme::made(&file, depth))
    }

    fn made(file: &File, depth: Depth) -> Theme {
        let styles = Role::ALL.iter().map(|&(_, role)| ink(file.roles.of(role), role, depth));
        let paper = file.background.unwrap_or(Rgb::BLACK);
        let background = match depth {
            // Sixteen colours are the user's own, and their ground with them.
            Depth::None | Depth::Sixteen => Color::Reset,
            _ => file.background.map_or(Color::Reset, |c| c.at(depth)),
        };
        Theme {
            name: file.name.clone(),
            about: file.about.clone(),
            ascii: false,
            background,
            paper,
            ink: file.roles.text.colour.unwrap_or(Rgb(0xD8, 0xDE, 0xE4)),
            styles: styles.collect(),
        }
    }

    /// The same theme, written in ASCII or not.
    #[must_use]
    pub fn in_ascii(mut self, ascii: bool) -> Theme {
        self.ascii = ascii;
        self
    }

    /// The style of a role. It sets no background: that is the screen's.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// One of `of` steps of lightness of a role's colour, from 1 on: the last is the colour itself.
    /// Where colours are few all steps are the same; what they mean must be told by their signs.
    #[must_use]
    pub fn shade(&self, role: Role, step: u8, of: u8) -> Style {
        let style = self.style(role);
        let mixed = match style.fg {
            Some(Color::Rgb(r, g, b)) => self.paper.towards(Rgb(r, g, b), step, of),
            Some(Color::Indexed(i)) => self.paper.towards(colour::indexed(i), step, of),
            _ => return style,
        };
        let depth =
            if matches!(style.fg, Some(Color::Indexed(_))) { Depth::Indexed } else { Depth::True };
        style.fg(mixed.at(depth))
    }

    /// What a light shade of a role looks like from afar: halfway to the ground. `None` where there is
    /// no such colour.
    #[must_use]
    pub fn half(&self, role: Role) -> Option<Color> {
        let ink = self.style(role).fg.filter(|_| !self.ascii)?;
        let half = match ink {
            Color::Rgb(..) => self.shade(role, 1, 4).fg?,
            Color::Indexed(i) => Color::Indexed(colour::halfway(i, self.paper)),
            _ => return None,
        };
        Some(half).filter(|half| *half != ink)
    }

    /// The colour behind everything; `Reset` is the terminal's own.
    #[must_use]
    pub fn background(&self) -> Color {
        self.background
    }

    /// What an empty screen is filled with: text on the background.
    #[must_use]
    pub fn base(&self) -> Style {
        self.style(Role::Text).bg(self.background)
    }

    /// What `Reset` stands for in a picture: the colour of paper.
    #[must_use]
    pub fn paper(&self) -> Rgb {
        self.paper
    }

    /// What `Reset` stands for in a picture: the colour of ink.
    #[must_use]
    pub fn ink(&self) -> Rgb {
        self.ink
    }
}

impl Default for Theme {
    /// The dark theme in true colour.
    fn default() -> Theme {
        Theme::named("dark", Depth::True).unwrap_or(Theme {
            name: String::new(),
            about: String::new(),
            ascii: false,
            background: Color::Reset,
            paper: Rgb::BLACK,
            ink: Rgb(0xFF, 0xFF, 0xFF),
            styles: Vec::new(),
        })
    }
}

fn ink(ink: &Ink, role: Role, depth: Depth) -> Style {
    let (bold, inverse) = match depth {
        Depth::None => without_colour(role),
        _ => (ink.bold, ink.inverse),
    };
    let mut style = Style::new();
    if let Some(colour) = ink.colour.filter(|_| depth != Depth::None) {
        style = style.fg(match (depth, ink.ansi) {
            (Depth::Sixteen, Some(named)) => named.colour(),
            _ => colour.at(depth),
        });
    }
    if depth == Depth::Sixteen {
        // What is drawn over something faint is not.
        style = if ink.faint {
            style.add_modifier(Modifier::DIM)
        } else {
            style.remove_modifier(Modifier::DIM)
        };
    }
    if bold {
        style = style.add_modifier(Modifier::BOLD);
    }
    if inverse {
        style = style.add_modifier(Modifier::REVERSED);
    }
    style
}

/// Bold and inverse where there is no colour: the flags of the mono theme.
fn without_colour(role: Role) -> (bool, bool) {
    let mono = toml::from_str::<File>(FILES[3].1);
    mono.map_or((false, false), |file| {
        let ink = file.roles.of(role);
        (ink.bold, ink.inverse)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> File {
        let (_, text) = FILES.iter().find(|(n, _)| *n == name).unwrap();
        toml::from_str(text).unwrap()
    }

    #[test]
    fn every_built_in_theme_parses_under_its_own_name() {
        for name in Theme::NAMES {
            assert_eq!(file(name).name, name);
            assert_eq!(Theme::named(name, Depth::True).unwrap().styles.len(), Role::ALL.len());
        }
        assert!(Theme::named("pink", Depth::True).is_none());
    }

    #[test]
    fn an_unknown_key_and_a_missing_role_are_errors() {
        let text = FILES[0].1;
        let unknown = text.replace("bold = true", "blink = true");
        assert!(Theme::parse(&unknown, Depth::True).unwrap_err().contains("blink"));
        let missing = text.replace("marker ", "# marker ");
        assert!(Theme::parse(&missing, Depth::True).unwrap_err().contains("marker"));
        let colour = text.replace("#D8DEE4", "#D8DE");
        assert!(Theme::parse(&colour, Depth::True).unwrap_err().contains("#RRGGBB"));
    }

    /// Contrast by WCAG 2.1, "relative luminance".
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let channel = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let light = |c: Rgb| 0.2126 * channel(c.0) + 0.7152 * channel(c.1) + 0.0722 * channel(c.2);
        let (high, low) = (light(a).max(light(b)), light(a).min(light(b)));
        (high + 0.05) / (low + 0.05)
    }

    #[test]
    fn every_colour_can_be_read() {
        for name in ["dark", "light", "high-contrast"] {
            let file = file(name);
            let paper = file.background.unwrap();
            for &(key, role) in Role::ALL {
                let colour = file.roles.of(role).colour.unwrap();
                assert!(contrast(colour, paper) >= 4.5, "{name}: {key}");
            }
        }
    }

    /// Each colour is replaced by the nearest that there is, and must still be one for text.
    #[test]
    fn with_256_colours_too() {
        for name in ["dark", "light", "high-contrast"] {
            let theme = Theme::named(name, Depth::Indexed).unwrap();
            let paper = shown(theme.background()).unwrap();
            for &(key, role) in Role::ALL {
                let ink = shown(theme.style(role).fg.unwrap()).unwrap();
                assert!(contrast(ink, paper) >= 4.5, "{name}: {key}");
            }
        }
    }

    /// Of 16 colours nobody knows the shades: those that xterm is shipped with, on its black and white.
    /// Small print is faint: how much so is the terminal's.
    #[test]
    fn with_16_colours_all_can_be_read_and_told_apart() {
        for (name, paper) in [("dark", Rgb(0, 0, 0)), ("light", Rgb(255, 255, 255))] {
            let theme = Theme::named(name, Depth::Sixteen).unwrap();
            let ink = |role| shown(theme.style(role).fg.unwrap()).unwrap();
            for &(key, role) in Role::ALL {
                assert!(contrast(ink(role), paper) >= 4.5, "{name}: {key}");
                // Solarized, and others, have their ground or near it there.
                assert_ne!(theme.style(role).fg, Some(Color::DarkGray), "{name}: {key}");
            }
            for (a, b) in [
                (Role::NodeOk, Role::NodeWarn),
                (Role::NodeWarn, Role::NodeDown),
                (Role::NodeOk, Role::NodeDown),
                (Role::FlowOk, Role::FlowFail),
                (Role::FlowOk, Role::LinkIdle),
                (Role::Marker, Role::FlowFail),
                (Role::Primary, Role::Replica),
                (Role::Text, Role::Dim),
            ] {
                assert_ne!(theme.style(a), theme.style(b), "{name}: {a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn steps_of_a_heat_map_differ_and_end_in_the_colour_itself() {
        for name in ["dark", "light"] {
            let theme = Theme::named(name, Depth::True).unwrap();
            let steps: Vec<Style> = (1..=5).map(|i| theme.shade(Role::FlowOk, i, 5)).collect();
            assert_eq!(steps[4], theme.style(Role::FlowOk), "{name}");
            assert!(steps.windows(2).all(|s| s[0] != s[1]), "{name}");
            let ink = |s: &Style| contrast(shown(s.fg.unwrap()).unwrap(), theme.paper());
            assert!(steps.windows(2).all(|s| ink(&s[0]) < ink(&s[1])), "{name}");
        }
        let plain = Theme::named("dark", Depth::None).unwrap();
        assert_eq!(plain.shade(Role::FlowOk, 1, 5), plain.style(Role::FlowOk));
    }

    /// What fails is orange in a part of a cell, too.
    #[test]
    fn what_is_halfway_to_the_ground_keeps_its_hue() {
        for name in ["dark", "light"] {
            for depth in [Depth::True, Depth::Indexed] {
                let theme = Theme::named(name, depth).unwrap();
                let Rgb(red, green, blue) = shown(theme.half(Role::FlowFail).unwrap()).unwrap();
                let is_orange = red - red / 8 > green && green - green / 8 > blue;
                assert!(is_orange, "{name}, {depth:?}: {red} {green} {blue}");
            }
        }
    }

    #[test]
    fn no_colour_keeps_what_is_bad_apart() {
        let theme = Theme::named("dark", Depth::None).unwrap();
        assert_eq!(theme.background(), Color::Reset);
        assert!(Role::ALL.iter().all(|&(_, role)| theme.style(role).fg.is_none()));
        assert_ne!(theme.style(Role::NodeDown), theme.style(Role::NodeOk));
    }

    #[test]
    fn sixteen_colours_are_the_named_ones() {
        let theme = Theme::named("dark", Depth::Sixteen).unwrap();
        assert_eq!(theme.style(Role::NodeOk).fg, Some(Color::Green));
        assert_eq!(theme.style(Role::Dim).fg, Some(Color::Gray));
        assert!(theme.style(Role::Dim).add_modifier.contains(Modifier::DIM), "faint, and no grey");
    }
}
