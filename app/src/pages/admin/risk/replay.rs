//! `/admin/risk/replay`: what scores would have been with other weights. The address carries them, and nothing is changed.

use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        code_block::CodeBlock,
        form_state::FormState,
        icon::Icon,
        notice::{Notice, Notices, Tone},
        risk,
        table::{Column, DataTable},
        text_fields::Field,
        time::RelativeTime,
    },
    messages::{Key, m, with_elements},
    pages::{load, query},
    response,
};
use latchkey_domain::{
    access::permission::{Permission, RiskRead},
    risk::{Assessment, Factor, Level, MAX_POINTS, Weights},
};
use latchkey_engine::{MOST_REPLAYED, ReplayedUser, RiskReplay};
use leptos::prelude::*;

/// Its path.
pub(super) const PATH: &str = "/admin/risk/replay";

/// How far back, in days.
const DAYS: [u32; 2] = [7, 30];

/// What the address asks for.
struct Asked {
    days: u32,
    weights: Weights,
    /// Whether it asks for anything.
    is_asked: bool,
    /// The first field that cannot be used.
    form: FormState,
}

impl Asked {
    fn read(configured: Weights) -> Self {
        let days = query("days").and_then(|days| days.parse().ok());
        let mut asked = Self {
            days: days.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]),
            weights: configured,
            is_asked: false,
            form: FormState::default(),
        };
        for factor in Factor::all() {
            let Some(typed) = query(factor.as_str()) else {
                continue;
            };
            asked.is_asked = true;
            match typed.trim().parse::<u8>() {
                Ok(points) if points <= MAX_POINTS => {
                    asked.weights = asked.weights.with(factor, points);
                }
                _ if !asked.form.has_failed() => {
                    let message = m::REPLAY_POINTS_REFUSED.text();
                    asked.form = FormState::rejected(factor.as_str(), &typed, message);
                }
                _ => {}
            }
        }
        asked
    }
}

/// The page.
#[component]
pub fn RiskReplayPage() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(RiskRead)?;
        let engine = context.engine();
        let asked = Asked::read(engine.risk_weights());
        let result = match asked.is_asked && !asked.form.has_failed() {
            true => {
                let most = Some(MOST_REPLAYED);
                let replay = engine
                    .replay_risk(&proof, asked.days, &asked.weights, most)
                    .await?;
                Some(view! { <Outcome replay=replay weights=asked.weights/> })
            }
            false => None,
        };
        Ok(view! {
            <AppLayout title=m::REPLAY_TITLE nav_item=NavItem::Risk is_subpage=true>
                <div class="page-head"><div><h1>{m::REPLAY_TITLE}</h1><p class="lead">{m::REPLAY_LEAD}</p></div></div>
                <Notices/>
                {result}
                <Weighing asked=asked/>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Weighing(asked: Asked) -> impl IntoView {
    let fields = Factor::all().map(|factor| {
        let hint = m::replay_default(u64::from(factor.default_points())).text();
        view! {
            <Field
                form=asked.form.clone()
                name=factor.as_str()
                label=risk::factor(factor).text()
                hint=hint
                value=asked.weights.of(factor).to_string()
                kind="number"
                min=0
                max=u32::from(MAX_POINTS)
                inputmode="numeric"
            />
        }
    });
    let days = DAYS.map(|days| {
        let label = m::count_days(days);
        view! { <option value=days.to_string() selected=days == asked.days>{label}</option> }
    });
    view! {
        <section class="section section-wide" aria-labelledby="weights">
            <div class="section-head"><h2 id="weights">{m::REPLAY_WEIGHTS}</h2><p>{m::REPLAY_WEIGHTS_LEAD}</p></div>
            <div class="section-body">
                <form class="form form-wide" method="get" action=PATH>
                    <div class="weights">
                        {fields.collect_view()}
                        <div class="field">
                            <label for="days">{m::REPLAY_DAYS}</label>
                            <select class="select" id="days" name="days">{days.collect_view()}</select>
                        </div>
                    </div>
                    <div class="button-row">
                        <button class="button button-primary"><Icon name="refresh"/>{m::REPLAY_SUBMIT}</button>
                        <a class="button" href=PATH>{m::REPLAY_RESET}</a>
                    </div>
                </form>
            </div>
        </section>
    }
}

const LEVEL_COLUMNS: &[Column] = &[
    Column::header(m::REPLAY_LEVEL),
    Column::number(m::REPLAY_WAS),
    Column::number(m::REPLAY_WOULD_BE),
];

const LEVELS: [(Level, Key); 4] = [
    (Level::Low, m::RISK_BAR_LOW),
    (Level::Medium, m::RISK_BAR_MEDIUM),
    (Level::High, m::RISK_BAR_HIGH),
    (Level::Held, m::RISK_BAR_HELD),
];

#[component]
fn Outcome(replay: RiskReplay, weights: Weights) -> impl IntoView {
    let since = view! { <RelativeTime at=replay.since/> }.into_any();
    let lead = with_elements(|[since]| m::replay_of(replay.assessments, since), [since]);
    let list: Vec<_> = (weights.to_list().iter())
        .map(|entry| format!("\"{entry}\""))
        .collect();
    let configuration = format!("[risk]\nweights = [{}]", list.join(", "));
    let (before, after) = (replay.before, replay.after);
    let row = move |(level, label): (Level, Key)| {
        vec![
            label.text().into_any(),
            before.of(level).into_any(),
            after.of(level).into_any(),
        ]
    };
    let more = m::replay_more(replay.asked_for_more, replay.users_asked_for_more);
    let less = m::replay_less(replay.asked_for_less, replay.users_asked_for_less);
    let users = (!replay.users.is_empty()).then(|| {
        view! { <DataTable caption=m::REPLAY_USERS columns=USER_COLUMNS items=replay.users.clone() row=user_row/> }
    });
    let is_unchanged = replay.weights.is_empty();
    view! {
        {is_unchanged.then(|| view! { <Notice tone=Tone::Info message=m::REPLAY_UNCHANGED/> })}
        <section class="section section-wide" aria-labelledby="outcome">
            <div class="section-head"><h2 id="outcome">{m::REPLAY_OUTCOME}</h2><p>{lead}</p></div>
            <div class="section-body">
                <DataTable caption=m::REPLAY_LEVELS columns=LEVEL_COLUMNS items=LEVELS.to_vec() row=row/>
                <ul class="facts-list">
                    <li><Icon name="plus"/><span>{more}</span></li>
                    <li><Icon name="check"/><span>{less}</span></li>
                </ul>
                {users}
                <Missing replay=replay/>
                <CodeBlock id="configuration" label=m::REPLAY_CONFIGURATION text=configuration/>
                <p class="quiet">{m::REPLAY_SAVE}</p>
            </div>
        </section>
    }
}

/// What a replay cannot know.
#[component]
fn Missing(replay: RiskReplay) -> impl IntoView {
    let item = |text: String| view! { <li><Icon name="info"/><span>{text}</span></li> };
    let bounded = (!replay.is_complete).then(|| item(m::replay_bounded(MOST_REPLAYED).text()));
    let unrecorded = replay.unrecorded.iter().map(|factor| {
        let name = risk::factor(*factor);
        item(m::replay_unrecorded(name).text())
    });
    let estimated =
        (replay.estimated > 0).then(|| item(m::replay_estimated(replay.estimated).text()));
    view! {
        <ul class="facts-list">
            {bounded}
            {unrecorded.collect_view()}
            {estimated}
            {item(m::REPLAY_RETURNS.text())}
        </ul>
    }
}

const USER_COLUMNS: &[Column] = &[
    Column::header(m::USER),
    Column::number(m::REPLAY_ASKED_MORE),
    Column::number(m::REPLAY_ASKED_LESS),
    Column::new(m::REPLAY_WAS).class("cell-block"),
    Column::new(m::REPLAY_WOULD_BE).class("cell-block"),
];

fn user_row(user: ReplayedUser) -> Vec<AnyView> {
    let id = user.user_id.to_string();
    let name = match user.email {
        Some(email) if response::request_context().shows(Permission::UsersRead) => {
            view! { <a href=format!("/admin/users/{id}")>{email.to_string()}</a> }.into_any()
        }
        Some(email) => email.to_string().into_any(),
        None => view! { <span class="quiet">{m::REPLAY_DELETED_USER}</span> }.into_any(),
    };
    vec![
        name,
        user.more.into_any(),
        user.less.into_any(),
        example(&user.before),
        example(&user.after),
    ]
}

fn example(assessment: &Assessment) -> AnyView {
    let score = u64::from(assessment.score);
    let head = m::risk_score(risk::level(assessment.level), score).text();
    let reasons = assessment.reasons.iter().map(|reason| {
        let text = m::risk_reason(u64::from(reason.points), risk::factor(reason.factor));
        view! { <span class="cell-sub">{text}</span> }
    });
    view! { <span>{head}{reasons.collect_view()}</span> }.into_any()
}
