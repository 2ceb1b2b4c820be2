//! The command line: what is typed, what could be meant, and which of that is chosen.

use super::choice::Choice;
use super::fuzzy::{Match, ranked};
use super::save;
use crate::chaos::Command;
use crate::tui::action::{self, Action};
use crate::tui::feed::{Completion, Suggestion};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing that concerns others.
    Nothing,
    /// The text is another one.
    Text(String),
    /// The palette is to be closed.
    Close,
    /// A command is to be run.
    Run(String),
}

/// The command line.
#[derive(Clone, Debug)]
pub struct Palette {
    line: Choice,
    known: Completion,
    /// Whether the choice was made by hand, and not by being the best.
    by_hand: bool,
    /// Whether earlier commands are shown instead of what could follow.
    history: bool,
    refused: Option<String>,
    waiting: Option<u64>,
    /// Whether nothing fits what is typed: the list is of what was typed before.
    astray: bool,
}

/// Whether a row is what a text begins: it has its verb, and the text goes on after that.
fn begins(text: &str, row: &str) -> bool {
    let verb = text.trim_start().split_once(' ').map(|(verb, _)| verb.to_lowercase());
    verb.is_some_and(|verb| row.to_lowercase().starts_with(&verb))
}

impl Palette {
    /// A palette with a command begun.
    #[must_use]
    pub fn new(text: &str) -> Palette {
        Palette {
            line: Choice::new(text),
            known: Completion::default(),
            by_hand: false,
            history: false,
            refused: None,
            waiting: None,
            astray: false,
        }
    }

    /// What is typed, and what fits it.
    #[must_use]
    pub fn line(&self) -> &Choice {
        &self.line
    }
    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
    }
    /// What fits, best first.
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        self.line.rows()
    }
    /// How many suggestions there are, fitting or not.
    #[must_use]
    pub fn known(&self) -> usize {
        self.all().len()
    }

    /// What could stand on the line: commands, and of one word what the screen can do by itself, too,
    /// unless a command is called so.
    fn all(&self) -> Vec<Suggestion> {
        let mut all = self.known.suggestions.clone();
        let text = self.text().trim_start();
        if self.history || text.is_empty() || text.contains(' ') || all.is_empty() {
            return all;
        }
        let named = action::named().map(|row| Suggestion {
            text: row.id.to_string(),
            about: row.sentence.to_string(),
        });
        let new: Vec<Suggestion> = named.filter(|s| all.iter().all(|o| o.text != s.text)).collect();
        all.extend(new);
        all
    }
    /// Whether earlier commands are shown.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.history
    }
    /// What was wrong with the latest command.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }
    /// Whether nothing fits what is typed, so that the list is of what was typed before.
    #[must_use]
    pub fn is_astray(&self) -> bool {
        self.astray
    }
    /// The command that enter would run or complete to.
    #[must_use]
    pub fn would_run(&self) -> &str {
        match self.line.row() {
            Some(_) if self.astray && !self.by_hand => self.text(),
            Some(m) if self.by_hand || !runs(self.text()) => &m.text,
            _ => self.text(),
        }
    }

    /// Notes that a command was sent under that number.
    pub fn wait(&mut self, serial: u64) {
        self.waiting = Some(serial);
    }

    /// Whether it waits for that answer.
    #[must_use]
    pub fn waits_for(&self, serial: u64) -> bool {
        self.waiting == Some(serial)
    }

    /// Takes the answer; true if the palette has done its work.
    pub fn answered(&mut self, refused: Option<String>) -> bool {
        self.waiting = None;
        self.refused = refused;
        self.refused.is_none()
    }

    /// Takes suggestions of the driver, if they are for what is typed now.
    pub fn suggest(&mut self, completion: &Completion) {
        if !self.history && completion.text == self.text() && *completion != self.known {
            self.known = completion.clone();
            self.rank();
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) -> Typed {
        self.line.paste(text);
        self.changed()
    }

    /// Takes a key.
    pub fn key(&mut self, event: KeyEvent, history: &[String]) -> Typed {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Esc => Typed::Close,
            KeyCode::Enter => self.run(),
            KeyCode::Tab => self.take(),
            KeyCode::Up if self.text().is_empty() && !self.history && !history.is_empty() => {
                self.remember(history)
            }
            KeyCode::Up => self.choose(false),
            KeyCode::Down => self.choose(true),
            KeyCode::Char('p') if ctrl => self.choose(false),
            KeyCode::Char('n') if ctrl => self.choose(true),
            KeyCode::Char('r') if ctrl => self.remember(history),
            _ if self.line.key(event) => self.changed(),
            _ => Typed::Nothing,
        }
    }

    fn changed(&mut self) -> Typed {
        self.refused = None;
        self.by_hand = false;
        self.rank();
        Typed::Text(self.text().to_string())
    }

    /// Runs the row that was chosen by hand, else exactly what is typed, else the marked row if that
    /// is a command that goes on as what is typed begins: it has stood there to be read, with what it
    /// would hit. Any other row completes the text, and so does the first one while nothing is typed.
    fn run(&mut self) -> Typed {
        let typed = self.text().trim().to_string();
        let marked = self.line.row().map(|m| m.text.clone());
        let marked = marked.filter(|_| !self.astray || self.by_hand);
        match marked {
            Some(row) if self.by_hand && runs(&row) => Typed::Run(row),
            // A space after the name of an action begins a command: `pause web-2`.
            _ if runs(self.text()) => Typed::Run(typed),
            Some(row) if row != typed && (self.by_hand || keeps_numbers(&typed, &row)) => {
                let meant = self.by_hand || self.history || begins(self.text(), &row);
                if meant && runs(&row) { Typed::Run(row) } else { self.put(row) }
            }
            _ if typed.is_empty() => Typed::Close,
            _ => Typed::Run(typed),
        }
    }

    fn put(&mut self, text: String) -> Typed {
        self.line.put(text);
        self.history = false;
        self.changed()
    }

    /// Puts the chosen suggestion on the line.
    fn take(&mut self) -> Typed {
        let fits = !self.astray || self.by_hand;
        let Some(found) = self.line.row().filter(|_| fits) else {
            return Typed::Nothing;
        };
        let mut text = found.text.clone();
        // What can go on does so with the next word.
        if text == self.text() {
            text.push(' ');
        }
        self.put(text)
    }

    fn choose(&mut self, down: bool) -> Typed {
        self.by_hand |= self.line.choose(down);
        Typed::Nothing
    }

    /// Shows earlier commands, newest first; again, what could follow.
    fn remember(&mut self, history: &[String]) -> Typed {
        self.history = !self.history;
        self.known = Completion::default();
        if self.history {
            let earlier = |text: &String| Suggestion { text: text.clone(), about: String::new() };
            self.known.suggestions = history.iter().rev().map(earlier).collect();
        }
        self.changed()
    }

    /// Finds what fits the text, best first; of equals the first of the grammar. A text that is a
    /// command or names an action fits itself, whether or not somebody thought of suggesting it. Where
    /// nothing else fits, all is shown, what is most like the text first: a wrong letter takes nothing
    /// away.
    fn rank(&mut self) {
        let typed = self.text().trim().to_string();
        let (command, action) = (Command::parse(&typed).ok(), Action::named(self.text()));
        let all = self.all();
        let mut rows = ranked(&all, self.text());
        let nothing = rows.is_empty() && !typed.is_empty();
        self.astray = nothing && command.is_none() && action.is_none();
        if nothing {
            rows = nearest_first(&all, &typed);
        }
        let own = match (command, action) {
            (Some(command), _) if rows.iter().all(|m| m.text != typed) => Some(command.about()),
            // Of a verb that is no command by itself it is said what enter would do.
            (None, Some(action)) => Some(action.row().sentence),
            _ => None,
        };
        if let Some(about) = own.filter(|_| !self.history) {
            rows.retain(|m| m.text != typed);
            let marked = (0..typed.chars().count() as u32).collect();
            rows.insert(0, Match { text: typed, about: about.to_string(), typed: marked });
        }
        self.line.offer(rows);
    }
}

/// Whether a text can be run as it is: a command, an action of the screen, or a file to be saved.
fn runs(text: &str) -> bool {
    let does = || Command::parse(text).is_ok() || Action::named(text).is_some();
    save::named(text).map_or_else(does, |name| save::asked(name).is_ok())
}

/// All suggestions, those first that are most like a text; of equals the first of the grammar.
fn nearest_first(all: &[Suggestion], text: &str) -> Vec<Match> {
    let mut rows: Vec<(usize, &Suggestion)> =
        all.iter().map(|s| (strsim::damerau_levenshtein(&s.text, text), s)).collect();
    rows.sort_by_key(|(away, _)| *away);
    let row = |(_, s): (usize, &Suggestion)| Match {
        text: s.text.clone(),
        about: s.about.clone(),
        typed: Vec::new(),
    };
    rows.into_iter().map(row).collect()
}

/// Whether every number that was typed stands in a row as that number: 1 never becomes 10.
fn keeps_numbers(typed: &str, row: &str) -> bool {
    let numbers = |text| str::split(text, |c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
    let mut of_row = numbers(row);
    numbers(typed).all(|n| of_row.any(|of| of == n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestions(texts: &[&str]) -> Vec<Suggestion> {
        let one = |t: &&str| Suggestion { text: (*t).to_string(), about: String::new() };
        texts.iter().map(one).collect()
    }

    fn press(palette: &mut Palette, code: KeyCode) -> Typed {
        palette.key(KeyEvent::new(code, KeyModifiers::NONE), &[])
    }

    fn control(palette: &mut Palette, c: char, history: &[String]) -> Typed {
        palette.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL), history)
    }

    fn with(text: &str, texts: &[&str]) -> Palette {
        let mut palette = Palette::new(text);
        palette.suggest(&Completion { text: text.into(), suggestions: suggestions(texts) });
        palette
    }

    const ALL: [&str; 4] = ["crash web-1", "crash web-2", "crash web-2 for 10s", "heal"];

    #[test]
    fn letters_in_order_find_a_command() {
        let palette = with("cras w2", &ALL);
        assert_eq!(palette.would_run(), "crash web-2");
        assert_eq!(palette.matches().len(), 2);
        assert_eq!(palette.matches()[0].typed, [0, 1, 2, 3, 6, 10]);
    }

    #[test]
    fn an_alias_is_found_by_what_follows_it() {
        let palette = with("kill we-1", &ALL);
        assert_eq!(palette.matches()[1].text, "crash web-1");
    }

    #[test]
    fn enter_runs_what_is_typed_or_the_row_that_is_marked() {
        let mut palette = with("traffic x1", &["traffic x10"]);
        assert_eq!(palette.would_run(), "traffic x1");
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("traffic x1".into()));
        let mut palette = with("cras w2", &ALL);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("crash web-2".into()));
        let mut palette = with("traffic ", &["traffic x2", "traffic x10"]);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("traffic x2".into()));
        assert_eq!(press(&mut Palette::new(""), KeyCode::Enter), Typed::Close);
    }

    #[test]
    fn enter_completes_what_is_no_command_yet_and_runs_nothing_unasked() {
        let mut palette = with("cr", &["crash"]);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Text("crash".into()));
        let mut palette = with("", &["crash web-1"]);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Text("crash web-1".into()));
        for (text, row) in [("restart", "restart web"), ("web-1", "slow web-1")] {
            let mut palette = with(text, &[row]);
            assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Text(row.into()), "{text}");
            assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run(row.into()), "{text}");
        }
    }

    #[test]
    fn a_row_is_chosen_only_by_hand() {
        let mut palette = with("crash web-1", &ALL);
        press(&mut palette, KeyCode::Down);
        press(&mut palette, KeyCode::Up);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("crash web-1".into()));
        let mut palette = with("crash web-2", &ALL);
        press(&mut palette, KeyCode::Down);
        let run = Typed::Run("crash web-2 for 10s".into());
        assert_eq!(press(&mut palette, KeyCode::Enter), run);
    }

    #[test]
    fn a_name_to_save_under_is_never_another_one() {
        // Suggestions may still be those of an older text.
        let mut palette = with("save d.toml", &["save food-delivery-42s.toml"]);
        assert_eq!(palette.would_run(), "save d.toml");
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("save d.toml".into()));
        let mut palette = with("save d", &["save d.toml"]);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("save d.toml".into()));
    }

    #[test]
    fn a_digit_that_was_typed_stays() {
        let mut palette = with("traf 1", &["traffic x10"]);
        assert_eq!(palette.matches().len(), 1);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("traf 1".into()));
        press(&mut palette, KeyCode::Down);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("traffic x10".into()));
    }

    #[test]
    fn a_command_fits_itself() {
        let palette = with("set web.threads=8", &["set web.threads=64"]);
        assert_eq!(palette.matches()[1].text, "set web.threads=64", "the list stays");
        assert_eq!(palette.matches()[0].text, "set web.threads=8");
        assert_eq!(palette.would_run(), "set web.threads=8");
        assert!(!palette.matches()[0].about.is_empty());
    }

    #[test]
    fn a_wrong_word_keeps_the_list_and_runs_nothing_else() {
        let mut palette = with("crahs wbe-2", &ALL);
        assert!(palette.is_astray());
        assert_eq!(palette.matches()[0].text, "crash web-2", "the nearest is first");
        assert_eq!(palette.matches().len(), ALL.len());
        assert_eq!(palette.would_run(), "crahs wbe-2");
        assert_eq!(press(&mut palette, KeyCode::Tab), Typed::Nothing);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("crahs wbe-2".into()));
        press(&mut palette, KeyCode::Down);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("crash web-1".into()));
    }

    #[test]
    fn the_end_of_a_pasted_line_parts_words() {
        for (pasted, typed) in [
            ("crash\rweb-2\r", "crash web-2"),
            ("\ncrash web-2\r\n", "crash web-2"),
            ("crash web-2\nheal\n\nundo", "crash web-2 heal undo"),
            (" web\t-2", " web -2"),
        ] {
            let mut palette = Palette::new("");
            assert_eq!(palette.paste(pasted), Typed::Text(typed.into()), "{pasted:?}");
        }
    }

    #[test]
    fn what_the_screen_can_do_is_typed_by_its_name() {
        for text in ["quit", "q", "help", "?", "pause", "faster"] {
            let mut palette = with(text, &ALL);
            assert_eq!(palette.would_run(), text);
            assert!(!palette.is_astray() && !palette.matches()[0].about.is_empty(), "{text}");
            assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run(text.into()), "{text}");
        }
        let mut palette = with("qui", &ALL);
        assert_eq!(press(&mut palette, KeyCode::Tab), Typed::Text("quit".into()));
        assert_eq!(with("qiut", &ALL).matches()[0].text, "quit", "the nearest");
        // What acts on the selection is said with its target.
        let mut palette = with("crash", &ALL);
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Text("crash web-1".into()));
        let palette = with("pause ", &["pause web-1"]);
        assert_eq!(palette.would_run(), "pause web-1", "a verb, once a target follows");
        assert_eq!(with("", &ALL).known(), ALL.len(), "who looks for a command is shown those");
        let palette = with("pa", &["pause", "heal"]);
        let pauses = palette.matches().iter().filter(|m| m.text == "pause");
        assert_eq!(pauses.count(), 1, "a name stands once");
    }

    #[test]
    fn up_on_an_empty_line_shows_what_was_run() {
        let history = vec!["crash web-1".to_string()];
        let mut palette = with("", &ALL);
        palette.key(KeyEvent::new(KeyCode::Up, KeyModifiers::NONE), &history);
        assert!(palette.is_history());
        assert_eq!(palette.would_run(), "crash web-1");
        assert_eq!(press(&mut palette, KeyCode::Enter), Typed::Run("crash web-1".into()));
    }

    #[test]
    fn tab_completes_and_then_goes_on() {
        let mut palette = with("cras w2", &ALL);
        assert_eq!(press(&mut palette, KeyCode::Tab), Typed::Text("crash web-2".into()));
        palette.suggest(&Completion { text: "crash web-2".into(), suggestions: suggestions(&ALL) });
        assert_eq!(press(&mut palette, KeyCode::Tab), Typed::Text("crash web-2 ".into()));
    }

    #[test]
    fn history_is_newest_first_and_comes_and_goes() {
        let mut palette = with("", &ALL);
        let history = vec!["crash web-1".to_string(), "heal".to_string()];
        control(&mut palette, 'r', &history);
        assert!(palette.is_history());
        assert_eq!(palette.would_run(), "heal");
        assert_eq!(control(&mut palette, 'r', &history), Typed::Text(String::new()));
        assert!(!palette.is_history());
    }

    #[test]
    fn the_line_is_cleared_and_a_refusal_stays_until_typing() {
        let mut palette = with("crash wbe", &[]);
        assert!(!palette.answered(Some("expected a node".into())));
        assert_eq!(palette.refused(), Some("expected a node"));
        assert_eq!(control(&mut palette, 'u', &[]), Typed::Text(String::new()));
        assert_eq!(palette.refused(), None);
    }

    #[test]
    fn signs_of_the_matcher_are_letters() {
        assert_eq!(with("!x ^y $", &["a!x ^y $"]).matches().len(), 1);
    }
}
