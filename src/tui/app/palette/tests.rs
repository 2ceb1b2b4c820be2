//! What is typed, what could be meant by it, and what enter does.

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
    assert_eq!(with("", &ALL).matches().len(), ALL.len(), "who looks for a command is shown those");
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

#[test]
fn other_words_for_a_verb_lead_to_it() {
    const ROWS: [&str; 5] =
        ["crash web-1", "cut web-1|*", "heal", "restart web-1", "set app.arrivals=constant"];
    for (typed, verb) in [
        ("partition", "cut"),
        ("part", "cut"),
        ("split", "cut"),
        ("kill", "crash"),
        ("kil", "crash"),
        ("break", "crash"),
    ] {
        let palette = with(typed, &ROWS);
        assert!(palette.matches()[0].text.starts_with(verb), "{typed}: {:?}", palette.matches());
        assert!(palette.is_chosen(), "{typed}");
    }
    assert!(with("cut", &ROWS).matches()[0].text.starts_with("cut"));
}
