//! `latchkey risk replay`

use crate::cli::{
    Context, OPERATOR,
    failure::Failure,
    table::{Table, minute},
};
use clap::Args;
use latchkey_domain::risk::{Assessment, Level, WeightError, Weights};
use latchkey_engine::{MOST_REPLAYED_DAYS, ReplayedUser, RiskReplay};
use std::process::ExitCode;

/// What to replay.
#[derive(Args)]
pub(in crate::cli) struct Replay {
    /// The weights to try, like unusual_time=0,listed_address=40; what is not named stays as it is configured
    #[arg(
        long,
        value_name = "FACTOR=POINTS,…",
        value_delimiter = ',',
        required = true,
        value_parser = weight
    )]
    weights: Vec<String>,
    /// How many days back, 30 at most
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLAYED_DAYS)))]
    days: u32,
}

fn weight(text: &str) -> Result<String, &'static str> {
    match Weights::NONE.with_list([text]) {
        Ok(_) => Ok(text.to_owned()),
        Err((WeightError::Unreadable, _)) => Err("write factor=points"),
        Err((WeightError::UnknownFactor, _)) => Err("there is no such factor"),
        Err((WeightError::Points, _)) => Err("points are whole numbers from 0 to 100"),
    }
}

impl Replay {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let list = self.weights.iter().map(String::as_str);
        // Each entry was checked when the command line was read.
        let weights = engine.risk_weights().with_list(list).unwrap_or_default();
        let replay = engine
            .replay_risk(&OPERATOR, self.days, &weights, None)
            .await?;
        context.output.print(text(&replay, &weights), &replay)
    }
}

/// `1 user, 3 times`.
fn asked(users: u64, times: u64) -> String {
    let plural = |count, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    format!("{}, {}", plural(users, "user"), plural(times, "time"))
}

fn text(replay: &RiskReplay, weights: &Weights) -> String {
    let mut text = format!(
        "{} assessments since {} UTC\n\n{}\n\nAsked for more: {}\nAsked for less: {}",
        replay.assessments,
        minute(replay.since),
        levels(replay),
        asked(replay.users_asked_for_more, replay.asked_for_more),
        asked(replay.users_asked_for_less, replay.asked_for_less),
    );
    if !replay.users.is_empty() {
        text += &format!("\n\n{}", users(&replay.users));
    }
    for factor in &replay.unrecorded {
        text += &format!(
            "\n\n{} is switched off now, so that nothing of it was recorded: its points are missing above.",
            factor.as_str()
        );
    }
    if replay.estimated > 0 {
        text += &format!(
            "\n\n{} assessments were made with other weights than those of now. Their reasons count in full.",
            replay.estimated
        );
    }
    text += "\n\nReturns of devices with a low score are not recorded, and missing above.";
    text + &format!("\n\nIn the configuration:\n\n[risk]\n{}", setting(weights))
}

/// The line of the configuration file.
pub(super) fn setting(weights: &Weights) -> String {
    let list: Vec<_> = (weights.to_list().iter())
        .map(|entry| format!("\"{entry}\""))
        .collect();
    format!("weights = [{}]", list.join(", "))
}

fn levels(replay: &RiskReplay) -> Table<3> {
    let mut table = Table::new(["level", "was", "would be"]);
    for level in [Level::Low, Level::Medium, Level::High, Level::Held] {
        table.row([
            level.as_str().to_owned(),
            replay.before.of(level).to_string(),
            replay.after.of(level).to_string(),
        ]);
    }
    table
}

fn users(users: &[ReplayedUser]) -> Table<5> {
    let mut table = Table::new(["user", "more", "less", "such as", "would be"]);
    for user in users {
        table.row([
            (user.email.as_ref()).map_or_else(|| user.user_id.to_string(), ToString::to_string),
            user.more.to_string(),
            user.less.to_string(),
            example(&user.before),
            example(&user.after),
        ]);
    }
    table
}

/// `45 medium unusual_location:30 unusual_time:15`.
fn example(assessment: &Assessment) -> String {
    let mut text = format!("{} {}", assessment.score, assessment.level.as_str());
    for reason in &assessment.reasons {
        text += &format!(" {}:{}", reason.factor.as_str(), reason.points);
    }
    text
}
