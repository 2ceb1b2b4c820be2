//! A question of a playbook is asked, answered and judged.

use super::{app, check_roles, check_text, frame, press, text};
use crate::session::picture::Picture;
use crate::tui::app::{App, Effect, Overlay, question::Ask};
use crate::tui::example::{asking, predicted};
use crate::tui::feed::{Order, Snapshot};
use std::sync::Arc;

/// What the driver tells: a picture of a world that stands still, or not.
fn told(picture: Picture, paused: bool) -> Snapshot {
    let mut snapshot = Snapshot::still(Arc::new(picture));
    snapshot.pace.paused = paused;
    // It has done all that was asked.
    snapshot.orders = 100;
    snapshot
}

/// The app with the question open, in a world that stands still for it.
fn asked() -> App {
    let mut app = app(asking(), 120, 40);
    assert_eq!(press(&mut app, "p"), [Effect::Order(Order::Pause(true))]);
    app.receive(told(asking(), true));
    assert!(matches!(app.overlay(), Overlay::Question(Ask { question: 0, chosen: 0 })));
    assert_eq!(app.owed(), None, "it stands still as long as it is asked");
    app
}

/// The same when the step has been done before which it was asked.
fn too_late() -> Picture {
    let mut picture = asking();
    let played = picture.played.as_mut().unwrap();
    (played.steps[0].done, played.steps[0].next) = (Some(picture.now), None);
    played.questions[0].open = false;
    picture
}

fn predicts(choice: usize) -> Effect {
    Effect::Order(Order::Predict { question: 0, choice })
}

#[test]
fn the_world_stands_still_while_it_is_asked_and_goes_on_with_the_answer() {
    let mut app = asked();
    assert_eq!(press(&mut app, "3"), [predicts(2)]);
    assert!(matches!(app.overlay(), Overlay::None));
    assert_eq!(app.said(), Some("predicted: 1 000 to 5 000"));
    assert_eq!((app.owed(), app.owed()), (Some(Order::Pause(false)), None));
}

#[test]
fn it_is_answered_with_arrows_and_enter_too() {
    let mut app = asked();
    assert_eq!(press(&mut app, "down j up k down enter").pop(), Some(predicts(1)));
    let mut app = asked();
    assert_eq!(press(&mut app, "up enter").pop(), Some(predicts(3)), "in a circle");
    let mut app = asked();
    assert_eq!(press(&mut app, "9"), [Effect::None], "there is no ninth choice");
    assert!(matches!(app.overlay(), Overlay::Question(_)));
}

#[test]
fn it_can_be_left_unanswered() {
    for key in ["esc", "p", "q"] {
        let mut app = asked();
        assert_eq!(press(&mut app, key), [Effect::None], "{key}");
        assert!(matches!(app.overlay(), Overlay::None), "{key}");
        assert_eq!(app.owed(), Some(Order::Pause(false)), "{key}");
    }
    let mut app = asked();
    press(&mut app, ":");
    assert!(matches!(app.overlay(), Overlay::Palette(_)), "everything else works");
    assert_eq!(app.owed(), Some(Order::Pause(false)), "and the world does not wait for it");
    assert_eq!(press(&mut asked(), "ctrl-c"), [Effect::Quit]);
}

#[test]
fn who_steers_time_keeps_it() {
    let mut paused = app(asking(), 120, 40);
    paused.receive(told(asking(), true));
    assert_eq!(press(&mut paused, "p"), [Effect::None], "it stands still already");
    assert_eq!(press(&mut paused, "1"), [predicts(0)]);
    assert_eq!(paused.owed(), None, "and goes on doing so");
    let mut app = asked();
    assert_eq!(press(&mut app, "space"), [Effect::Order(Order::Pause(false))]);
    assert_eq!(press(&mut app, "space"), [Effect::Order(Order::Pause(true))]);
    press(&mut app, "esc");
    assert_eq!(app.owed(), None, "space said so, and no question");
}

#[test]
fn going_past_the_step_closes_it() {
    let mut app = asked();
    assert_eq!(press(&mut app, "pgdn"), [Effect::Order(Order::NextStep)]);
    app.receive(told(too_late(), true));
    assert!(matches!(app.overlay(), Overlay::None));
    assert_eq!(app.said(), Some("too late, it has happened"));
    assert_eq!(app.owed(), Some(Order::Pause(false)));
    assert_eq!(press(&mut app, "p"), [Effect::None]);
    assert!(app.said().is_some_and(|text| text.contains("later is too late")), "{:?}", app.said());
}

#[test]
fn of_several_questions_one_follows_the_other() {
    let mut picture = asking();
    let questions = &mut picture.played.as_mut().unwrap().questions;
    questions.push(questions[0].clone());
    let mut app = app(picture.clone(), 120, 40);
    press(&mut app, "p 2");
    assert!(matches!(app.overlay(), Overlay::Question(Ask { question: 1, .. })));
    assert!(text(&frame(&app)).contains("predict first: question 2 of 2"));
    press(&mut app, "esc");
    picture.played.as_mut().unwrap().questions[0].predicted = Some(1);
    app.receive(told(picture.clone(), false));
    press(&mut app, "p");
    assert!(matches!(app.overlay(), Overlay::Question(Ask { question: 1, .. })), "what is open");
    press(&mut app, "esc");
    picture.played.as_mut().unwrap().questions[1].predicted = Some(0);
    app.receive(told(picture, false));
    press(&mut app, "p");
    let first = matches!(app.overlay(), Overlay::Question(Ask { question: 0, chosen: 1 }));
    assert!(first, "what was answered can be changed");
}

#[test]
fn a_question_is_seen_at_every_size() {
    for (width, height) in [(120, 40), (80, 23), (60, 18), (40, 8)] {
        let mut app = app(asking(), width, height);
        press(&mut app, "p down");
        let name = format!("overlay-question-{width}x{height}");
        if width == 120 {
            check_roles(&name, &app);
        } else {
            check_text(&name, &app);
        }
        assert!(text(&frame(&app)).contains("under 1 000"), "{width}x{height}");
    }
    assert_eq!(press(&mut app(asking(), 20, 5), "p"), [Effect::None], "nobody could see it there");
}

#[test]
fn that_there_is_a_question_is_told_where_the_playbook_is() {
    let shown = |width, height, presenter| {
        let mut app = app(asking(), width, height);
        app.set_presenter(presenter);
        text(&frame(&app))
    };
    assert!(shown(200, 60, false).contains("p predict first  How many requests fail?"));
    assert!(shown(120, 40, false).contains("p predict · next in 3.0 s: crash web-2"));
    assert!(shown(80, 23, false).contains("p predict · "));
    assert!(shown(100, 30, true).contains("p predict · next in 3.0 s"));
    let mut answered = asking();
    answered.played.as_mut().unwrap().questions[0].predicted = Some(2);
    let wide = text(&frame(&app(answered.clone(), 200, 60)));
    assert!(wide.contains("› predicted 1 000 to 5 000  How many requests fail?"), "{wide}");
    let normal = text(&frame(&app(answered, 120, 40)));
    assert!(normal.contains("› predicted 1 000 to 5 000 · "), "{normal}");
}

#[test]
fn the_verdict_says_what_was_right_and_what_wrong() {
    check_roles("overlay-predicted-120x40", &app(predicted(), 120, 40));
    check_text("overlay-predicted-80x23", &app(predicted(), 80, 23));
}
