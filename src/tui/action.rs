//! What a person can do on the screen: one table.
//!
//! Dispatch, footer, help, the key map and the documentation come from [`TABLE`]. An action that is
//! not enabled is not offered, and its key says why it does nothing.

use super::app::App;
use std::fmt;

/// A part of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Selecting and looking.
    Look,
    /// What breaks things.
    Break,
    /// What mends them.
    Repair,
    /// Time.
    Time,
    /// The program itself.
    Program,
}

impl Section {
    /// All sections, in the order of the help.
    pub const ALL: [Section; 5] =
        [Section::Break, Section::Repair, Section::Time, Section::Look, Section::Program];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Section::Look => "look",
            Section::Break => "break",
            Section::Repair => "repair",
            Section::Time => "time",
            Section::Program => "program",
        }
    }
}

/// A row of the table of actions.
pub struct Row {
    /// What is done.
    pub action: Action,
    /// Its name in a key map file: `chart-less`.
    pub id: &'static str,
    /// One word for the footer.
    pub word: &'static str,
    /// One line for the help.
    pub sentence: &'static str,
    /// Its keys unless a key map says otherwise.
    pub keys: &'static [&'static str],
    /// Its section of the help.
    pub section: Section,
    /// Whether it would do anything now.
    pub enabled: fn(&App) -> bool,
    /// Whether it shows something of its own, for which there must be room.
    pub opens: bool,
    /// Why it would not, for who presses its key then; empty where it always would.
    pub otherwise: &'static str,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

macro_rules! actions {
    ($($name:ident $id:literal $word:literal [$($key:literal)*]
       $section:ident $(($opens:ident))? $enabled:ident $($otherwise:literal)?, $sentence:literal;)*) => {
        /// Something that a person can do on the screen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $(#[doc = $sentence] $name,)* }

        /// All actions, in the order of the help.
        pub const TABLE: &[Row] = &[$(Row {
            action: Action::$name,
            id: $id,
            word: $word,
            sentence: $sentence,
            keys: &[$($key),*],
            section: Section::$section,
            enabled: App::$enabled,
            opens: !stringify!($($opens)?).is_empty(),
            otherwise: concat!($($otherwise)?),
        }),*];
    };
}

actions! {
    Crash "crash" "crash" ["x"] Break can_crash "nothing is selected that runs",
        "crash the selection; its host stays on";
    Freeze "freeze" "freeze" ["f"] Break can_freeze "nothing is selected that runs or is frozen",
        "freeze the selection, or thaw it";
    Power "power" "power off" ["o"] Break can_power "no node, component or zone is selected",
        "take the selection's power, or give it back";
    Slow "slow" "slow…" ["s"] Break can_slow "nothing is selected that is up",
        "slow the selection down";
    Errors "errors" "errors…" ["e"] Break can_fail
        "nothing is selected that is up and that requests ask",
        "a share of what the selection is asked for fails";
    Cut "cut" "cut…" ["n"] Break can_cut "nothing is selected that has links",
        "cut the network: the selected link, or from the selection to the next";
    Delay "delay" "delay…" ["d"] Break can_cut "nothing is selected that has links",
        "messages on the selected links take longer";
    Lose "lose" "lose…" ["L"] Break can_cut "nothing is selected that has links",
        "messages on the selected links are lost";
    Traffic "traffic" "traffic…" ["t"] Break always,
        "multiply the traffic";
    Cache "cache" "cache" ["c"] Break can_cache "there is no cache",
        "switch the cache off, or on again";
    Restart "restart" "restart" ["r"] Repair can_restart
        "nothing is selected that is down or frozen",
        "start the selection again";
    Promote "promote" "promote" ["m"] Repair can_promote
        "no replica that is up is selected, and no database that has one",
        "make a replica the primary: the selected one, else the newest";
    Heal "heal" "heal" ["H"] Repair can_heal "nothing to heal: no fault is active",
        "heal the selection, else everything";
    Undo "undo" "undo" ["u"] Repair can_undo "no command is left to take back",
        "take the last command back";
    Pause "pause" "pause" ["space"] Time always,
        "pause time, or let it go on";
    Step "step" "step" ["."] Time is_paused "only while time is paused",
        "while time is paused: go on by 10 ms";
    StepEvent "step-event" "event" [","] Time is_paused "only while time is paused",
        "while time is paused: go on by one event";
    NextStep "next-step" "next step" ["pgdn"] Time can_go_on "no step of a playbook is to come; + is faster",
        "in a playbook: the next step now; once it is over, the verdict";
    CaptionBefore "caption-before" "before" ["pgup"] Time has_caption_before
        "no playbook has said anything before",
        "in a playbook: what it said before";
    Predict "predict" "predict" ["p"] Time (opens) has_question
        "no playbook asks now; it does so before a step, and later is too late",
        "in a playbook: answer its question; time stands still meanwhile";
    Faster "faster" "faster" ["+" "="] Time can_be_faster "time cannot run faster",
        "simulated time runs faster, up to 100x";
    Slower "slower" "slower" ["-"] Time can_be_slower "time cannot run slower",
        "simulated time runs slower, down to 0.01x";
    RealTime "real-time" "1x" ["0"] Time is_not_real_time "time runs at 1x",
        "simulated time runs as fast as real time";
    Left "left" "left" ["h" "left"] Look always,
        "select what is to the left";
    Down "down" "down" ["j" "down"] Look always,
        "select what is below";
    Up "up" "up" ["k" "up"] Look always,
        "select what is above";
    Right "right" "right" ["l" "right"] Look always,
        "select what is to the right";
    Open "open" "open" ["enter"] Look (opens) can_open "nothing is selected",
        "open what has the focus: figures and settings of the selection";
    Settings "settings" "settings" ["i"] Look (opens) has_settings "nothing is selected that has settings",
        "the settings of the selection, to be changed";
    Reset "reset" "reset" ["bksp"] Look has_setting "only on a setting, in details",
        "in details: the setting as the file has it";
    Find "find" "find" ["/"] Look (opens) always,
        "select by part of a name; in events: show only some, by kind or words";
    First "first" "first" ["g" "home"] Look has_rows "no list has the focus",
        "the first row of a list";
    Last "last" "last" ["G" "end"] Look has_rows "no list has the focus",
        "the last row of a list";
    PreviousMarker "previous-marker" "marker" ["{"] Look has_earlier_marker
        "no command stands earlier in the events",
        "the command before, in the events";
    NextMarker "next-marker" "marker" ["}"] Look has_later_marker
        "no command stands later in the events",
        "the command after, in the events";
    Close "close" "close" ["esc"] Look always,
        "close what is open, then show all events, then unselect";
    NextPanel "next-panel" "panel" ["tab"] Look always,
        "the next panel";
    PreviousPanel "previous-panel" "panel" ["shift-tab"] Look always,
        "the previous panel";
    Panel1 "cluster-panel" "cluster" ["1"] Look always, "the cluster";
    Panel2 "chart-panel" "chart" ["2"] Look always, "the charts";
    Panel3 "why-panel" "why" ["3"] Look always, "why things are so";
    Panel4 "faults-panel" "faults" ["4"] Look always, "active faults";
    Panel5 "events-panel" "events" ["5"] Look always, "the log of events";
    Panel6 "truth-panel" "truth" ["6"] Look always, "what became of data";
    Zoom "zoom" "zoom" ["z"] Look always,
        "the panel alone; again to return";
    Why "why" "why" ["w"] Look (opens) always,
        "why things are so, at full length";
    ChartLess "chart-less" "less" ["<"] Look can_show_less "charts show the least time",
        "charts show less time";
    ChartMore "chart-more" "more" [">"] Look can_show_more "charts show the most time",
        "charts show more time";
    Palette "palette" "all" [":"] Program always,
        "type a command: all that can be done";
    Help "help" "help" ["?"] Program (opens) always,
        "the keys";
    Theme "theme" "theme" ["y"] Program always,
        "the next theme";
    Motion "motion" "motion" ["a"] Program always,
        "moving traffic on or off";
    Presenter "presenter" "presenter" ["P"] Program always,
        "large figures and captions, for a room; again to leave";
    Export "export" "export" ["E"] Program (opens) always,
        "write a playbook, a picture, the characters or a report to a file";
    Suspend "suspend" "suspend" ["ctrl-z"] Program always,
        "back to the shell; `fg` comes back";
    Quit "quit" "quit" ["q" "ctrl-c"] Program always,
        "leave";
}

impl Action {
    /// Its row of the table.
    #[must_use]
    pub fn row(self) -> &'static Row {
        // The table is made from the same list as the enum, in the same order.
        &TABLE[self as usize]
    }

    /// Whether it would do anything now.
    #[must_use]
    pub fn enabled(self, app: &App) -> bool {
        !(app.stopped().is_some() && self.moves_the_world(app)) && (self.row().enabled)(app)
    }

    /// Whether it acts on the world or on its time: not once the world has stopped.
    #[must_use]
    pub fn moves_the_world(self, app: &App) -> bool {
        match self {
            Action::CaptionBefore => false,
            // Then it shows the verdict.
            Action::NextStep => !app.is_over(),
            _ => matches!(self.row().section, Section::Break | Section::Repair | Section::Time),
        }
    }

    /// The action that a text in the palette names: by its name in a key map, or as `:q` by a key of
    /// the program itself.
    #[must_use]
    pub fn named(text: &str) -> Option<Action> {
        let is = |row: &&Row| {
            row.id == text || row.section == Section::Program && row.keys.contains(&text)
        };
        named().find(is).map(|row| row.action)
    }
}

/// What can be done by its name in the palette: all but what breaks and mends, which commands say.
pub fn named() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(|row| !matches!(row.section, Section::Break | Section::Repair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_where_their_actions_say() {
        for (i, row) in TABLE.iter().enumerate() {
            assert_eq!(row.action as usize, i);
            assert!(!row.keys.is_empty(), "{} has no key", row.id);
            assert!(!row.sentence.ends_with('.'));
        }
    }

    #[test]
    fn every_section_has_actions_and_ids_are_unique() {
        for section in Section::ALL {
            assert!(TABLE.iter().any(|r| r.section == section), "{section:?}");
        }
        for (i, row) in TABLE.iter().enumerate() {
            assert!(TABLE[..i].iter().all(|r| r.id != row.id), "{}", row.id);
        }
    }
}
