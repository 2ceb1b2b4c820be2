//! Predictions are kept beside the run.

use super::experiment::tiny;
use super::*;

/// The server is gone from 10 s to 15 s, and that is asked about.
const ASKED: &str = r#"[[step]]
id = "kill"
at = "10s"
do = "crash web for 5s"
[[predict]]
before = "kill"
ask = "How long does nothing succeed?"
choices = ["not at all", "under 1 s", "1 to 5 s", "longer"]
answer = "outage"
"#;

#[test]
fn a_prediction_is_kept_until_its_step_and_changes_nothing() {
    let playbook = tiny(ASKED);
    let mut alone = Session::new(&playbook, 7);
    alone.run(Ns::MAX).unwrap();
    let mut asked = Session::new(&playbook, 7);
    asked.run(5 * SECOND).unwrap();
    let question = |s: &Session| s.picture().played.unwrap().questions[0].clone();
    assert!(question(&asked).open && question(&asked).prediction().is_none());
    assert_eq!(asked.predict(0, 4), Err(TooLate), "there is no such choice");
    assert_eq!(asked.predict(1, 0), Err(TooLate), "there is no such question");
    assert_eq!((asked.predict(0, 1), asked.predict(0, 2)), (Ok(()), Ok(())));
    assert_eq!(question(&asked).prediction(), Some("1 to 5 s"), "it can be changed");
    asked.run(11 * SECOND).unwrap();
    assert_eq!(asked.predict(0, 3), Err(TooLate));
    let now = question(&asked);
    assert!(!now.open && now.prediction() == Some("1 to 5 s"));
    assert!(now.so_far.is_some_and(|text| text.contains(" s (")), "it is measured now");
    asked.run(Ns::MAX).unwrap();
    let (judgement, without) = (asked.judgement(), alone.judgement());
    assert_eq!(judgement.answers[0].is_right(), Some(true), "{:?}", judgement.answers);
    assert_eq!(without.answers[0].is_right(), None);
    assert_eq!((asked.digest(), asked.log().len()), (alone.digest(), alone.log().len()));
}

#[test]
fn what_is_done_by_hand_is_counted() {
    let mut session = Session::new(&tiny(ASKED), 7);
    session.run(SECOND).unwrap();
    session.predict(0, 0).unwrap();
    assert_eq!(session.by_hand(), 0, "a prediction changes no run");
    session.next_step();
    session.inject(&command("traffic x2")).unwrap();
    session.run(Ns::MAX).unwrap();
    assert_eq!(session.by_hand(), 2, "a step before its time, and a command");
}
