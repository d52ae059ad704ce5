//! Forms for new producers, consumers, workloads and applications. The settings explain themselves, the line
//! that comes of them stands below, and what is wrong with it is said before it is written.

use std::sync::Arc;

use highwater_cluster::ids::{GroupId, TopicName};
use highwater_cluster::view::ClusterView;
pub use highwater_shell::forms::FORMS;
use highwater_shell::forms::{Choices, Field, Form, Takes};
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;

use crate::command_line::unbroken;
use crate::data::free_name;
use crate::play::Desk;
use crate::shows::Shows;
use crate::subject::Subject;
use crate::texts::of_engine;

/// A form, and what is known already.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which of the forms.
    form: usize,
    topic: Option<TopicName>,
    group: Option<GroupId>,
}

impl Asked {
    /// An empty form.
    pub fn new(form: usize) -> Self {
        Self { form, topic: None, group: None }
    }
}

/// The place of the form for share consumers.
const SHARE: usize = 4;

/// The forms that have to do with what is inspected.
#[component]
pub fn FormButtons(subject: Option<Subject>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let (topic, group, forms): (_, _, &[usize]) = match subject {
        None => (None, None, &[0, 1, 2, 3, SHARE]),
        Some(Subject::Topic(topic)) => (Some(topic), None, &[0, 1, 2, 3, SHARE]),
        Some(Subject::Partition(it)) => (Some(it.topic), None, &[0, 1, 2]),
        Some(Subject::Group(group)) => {
            let (topic, is_share) = desk.sim.calm.with_untracked(|view| {
                (topic_of(view, &group), view.share_group(&group).is_some())
            });
            (topic, Some(group), if is_share { &[SHARE] } else { &[1] })
        }
        _ => return ().into_any(),
    };
    let buttons = forms.iter().map(|form| {
        let asked = Asked { form: *form, topic: topic.clone(), group: group.clone() };
        let label = t!("forms.new-kind", kind = of_engine(FORMS[*form].name).to_ascii_lowercase());
        view! { <button type="button" on:click=move |_| desk.form.set(Some(asked.clone()))>{label}</button> }
    });
    view! { <p class="form-buttons">{buttons.collect_view()}</p> }.into_any()
}

/// Beside the stage: a new client.
#[component]
pub fn NewClient() -> impl IntoView {
    let desk = expect_context::<Desk>();
    // The front page has no room for forms.
    if !desk.opens {
        return ().into_any();
    }
    let open = move |_| desk.form.set(Some(Asked::new(0)));
    view! {
        <button type="button" class="new-client" on:click=open>{t!("forms.new")}</button>
    }
    .into_any()
}

/// What the members of a group read.
fn topic_of(view: &ClusterView, group: &GroupId) -> Option<TopicName> {
    let consumer = view.consumers.iter().find(|consumer| consumer.group == *group);
    let of_share = || view.share_consumers.iter().find(|consumer| consumer.group == *group);
    let topics = consumer.map(|it| &it.topics).or_else(|| of_share().map(|it| &it.topics));
    topics.and_then(|topics| topics.first().cloned())
}

/// The form that is to be filled in.
#[component]
pub fn FormDialog() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if desk.form.read().is_none() {
            dialog.close();
        } else if !dialog.open() {
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || desk.form.set(None));
    view! {
        <dialog class="form-dialog" node_ref=dialog aria-labelledby="form-title" on:close=move |_| desk.form.set(None)>
            <Show when=move || desk.form.read().is_some()>
                <div class="form-kinds" role="group" aria-label=t!("forms.what-to-start")>
                    {FORMS.iter().enumerate().map(|(place, form)| {
                        let is_it = move || desk.form.read().as_ref().is_some_and(|asked| asked.form == place);
                        let choose = move |_| desk.form.update(|asked| if let Some(asked) = asked { asked.form = place });
                        view! { <button type="button" aria-pressed=move || is_it().to_string() on:click=choose>{of_engine(form.name)}</button> }
                    }).collect_view()}
                </div>
            </Show>
            {move || desk.form.get().map(|asked| view! { <FormView asked/> })}
        </dialog>
    }
    .into_any()
}

/// How many fields a beginner is asked for at first: the topic, the group or the rate, and one more.
const ASKED_AT_FIRST: usize = 3;

#[component]
fn FormView(asked: Asked) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sim = desk.sim;
    let form: &'static Form = FORMS[asked.form];
    let first = sim.calm.with_untracked(|view| known(view, &asked, form));
    let choices = RwSignal::new(first.clone());
    let name = RwSignal::new(sim.calm.with_untracked(|view| name_for(view, form)));
    let preset = RwSignal::new(None::<usize>);
    let line = Memo::new(move |_| form.line(name.read().trim(), &choices.read()));
    let outcome = Memo::new(move |_| {
        let name = name.read();
        if sim.calm.with(|view| names(view).any(|taken| taken == name.trim())) {
            return Err(t!("forms.there-client-already", name = name.trim()));
        }
        form.check(name.trim(), &choices.read())
    });
    let choose = move |place: usize| {
        let chosen = &form.presets[place];
        choices.update(|choices| {
            *choices = form.choices(chosen);
            // What was known of the thing itself is not a matter of taste.
            choices.extend(first.iter().map(|(name, value)| (*name, value.clone())));
        });
        preset.set(Some(place));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if outcome.read_untracked().is_ok() {
            sim.press(&line.get_untracked());
            desk.form.set(None);
            desk.show_stage();
        }
    };
    // Where little of Kafka is taught yet, little of it is asked.
    let is_beginning = desk.shows.get_untracked() != Shows::ALL;
    let is_later = move |place: usize, field: &Field| {
        if is_beginning { place >= ASKED_AT_FIRST } else { field.is_rare }
    };
    let fields = move |later: bool| {
        let fields = form.fields.iter().enumerate();
        let fields = fields.filter(move |(place, field)| is_later(*place, field) == later);
        fields.map(|(_, field)| view! { <FieldView field choices/> }).collect_view()
    };
    let says = move || of_engine(preset.get().map_or(form.says, |place| form.presets[place].says));
    view! {
        <form on:submit=submit autocomplete="off">
            <h2 id="form-title">{t!("forms.new-before")} {of_engine(form.name).to_ascii_lowercase()}</h2>
            <div class="presets" role="group" aria-label=t!("forms.choices-by-what")>
                {form.presets.iter().enumerate().map(|(place, known)| {
                    let choose = choose.clone();
                    view! {
                        <button type="button" aria-pressed=move || (preset.get() == Some(place)).to_string() on:click=move |_| choose(place)>{of_engine(known.name)}</button>
                    }
                }).collect_view()}
            </div>
            <p class="form-says" role="status">{says}</p>
            <div class="fields">
                <div class="field">
                    <label for="form-name">{t!("forms.name")}</label>
                    <input type="text" id="form-name" spellcheck="false" aria-describedby="form-name-says" bind:value=name/>
                    <p class="aside" id="form-name-says">{t!("forms.what-it-called")}</p>
                </div>
                {fields(false)}
            </div>
            <details class="more-fields">
                <summary>{t!("forms.more-settings")}</summary>
                <div class="fields">{fields(true)}</div>
            </details>
            <div class="writes">
                <p>{t!("forms.this-writes")}</p>
                <p><code>{move || unbroken(&line.get())}</code></p>
                <div aria-live="polite">{move || match outcome.get() {
                    Ok(hints) => hints.into_iter().map(|hint| view! { <p class="hint">{of_engine(hint)}</p> }).collect_view().into_any(),
                    Err(wrong) => view! { <p class="error">{wrong}</p> }.into_any(),
                }}</div>
                <div class="form-ends">
                    <button type="submit" class="main" disabled=move || outcome.read().is_err()>{t!("forms.start-it")}</button>
                    <button type="button" class="quiet" on:click=move |_| desk.form.set(None)>{t!("forms.cancel")}</button>
                </div>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn FieldView(field: &'static Field, choices: RwSignal<Choices>) -> impl IntoView {
    let sim = expect_context::<Desk>().sim;
    let id = format!("form-{}", field.name.replace([' ', '.'], "-"));
    let says_id = format!("{id}-says");
    let list_id = format!("{id}-list");
    let value = move || choices.read().get(field.name).cloned().unwrap_or_default();
    let set = move |value: String| {
        choices.update(|choices| {
            if value.is_empty() {
                choices.remove(field.name);
            } else {
                choices.insert(field.name, value);
            }
        });
    };
    let type_in = move |event| set(event_target_value(&event));
    let default = field.default();
    let control = match field.takes {
        Takes::One(words) => {
            let usual = if default.is_empty() { t!("forms.not-said") } else { default };
            let words = words.iter().filter(|word| !word.is_empty());
            let is_it = move |word: &'static str| move || choices.read().get(field.name).is_some_and(|it| it == word);
            view! {
                <select id=id.clone() aria-describedby=says_id.clone() on:change=type_in>
                    <option value="" selected=move || !choices.read().contains_key(field.name)>{usual}</option>
                    {words.map(|word| view! { <option value=*word selected=is_it(word)>{*word}</option> }).collect_view()}
                </select>
            }
            .into_any()
        }
        Takes::Flag => view! {
            <input type="checkbox" id=id.clone() aria-describedby=says_id.clone() prop:checked=move || value() == "true"
                on:change=move |event| set(if event_target_checked(&event) { "true".to_owned() } else { String::new() })/>
        }
        .into_any(),
        Takes::Number => view! {
            <input type="text" inputmode="numeric" id=id.clone() aria-describedby=says_id.clone() placeholder=default
                prop:value=value on:input=type_in/>
        }
        .into_any(),
        Takes::Text(such_as) => view! {
            <input type="text" id=id.clone() aria-describedby=says_id.clone() spellcheck="false"
                placeholder=t!("forms.such-as", such_as = such_as) prop:value=value on:input=type_in/>
        }
        .into_any(),
        Takes::Topic | Takes::Group | Takes::ShareGroup => {
            let known = sim.calm.with_untracked(|view| match field.takes {
                Takes::Topic => topics(view),
                Takes::ShareGroup => {
                    view.share_groups.iter().map(|group| group.id.to_string()).collect()
                }
                _ => view.groups.iter().map(|group| group.id.to_string()).collect(),
            });
            view! {
                <input type="text" id=id.clone() aria-describedby=says_id.clone() spellcheck="false" list=list_id.clone()
                    required=field.is_required prop:value=value on:input=type_in/>
                <datalist id=list_id.clone()>{known.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
            }
            .into_any()
        }
    };
    view! {
        <div class="field">
            <label for=id><code>{field.name}</code></label>
            {control}
            <p class="aside" id=says_id>
                {of_engine(field.says())}
                {(!default.is_empty()).then(|| t!("forms.default", default = default))}
            </p>
        </div>
    }
    .into_any()
}

fn topics(view: &ClusterView) -> Vec<String> {
    let own = view.topics.iter().filter(|topic| !topic.is_internal);
    own.map(|topic| topic.name.to_string()).collect()
}

/// What is filled in at first.
fn known(view: &Arc<ClusterView>, asked: &Asked, form: &Form) -> Choices {
    let topic = asked.topic.as_ref().map(ToString::to_string);
    let topic = topic.or_else(|| topics(view).into_iter().next()).unwrap_or("orders".to_owned());
    // A group of one kind is none of the other.
    let is_share = asked.group.as_ref().is_some_and(|group| view.share_group(group).is_some());
    let group = |usual: &str, shares: bool| {
        let own = asked.group.as_ref().filter(|_| is_share == shares);
        own.map_or_else(|| usual.to_owned(), ToString::to_string)
    };
    let of = |field: &Field| match field.takes {
        Takes::Topic => Some((field.name, topic.clone())),
        Takes::Group => Some((field.name, group("billing", false))),
        Takes::ShareGroup => Some((field.name, group("workers", true))),
        Takes::Text(such_as) if field.is_required => Some((field.name, such_as.to_owned())),
        _ => None,
    };
    form.fields.iter().filter_map(of).collect()
}

/// The names of the clients that are there.
fn names(view: &ClusterView) -> impl Iterator<Item = &str> {
    let producers = view.producers.iter().filter(|it| !it.is_closed).map(|it| &*it.name);
    let consumers = view.consumers.iter().filter(|it| !it.is_closed).map(|it| &*it.name);
    let apps = view.apps.iter().filter(|it| !it.is_closed).map(|it| &*it.name);
    let sharing = view.share_consumers.iter().filter(|it| !it.is_closed).map(|it| &*it.name);
    producers.chain(consumers).chain(sharing).chain(apps)
}

fn name_for(view: &ClusterView, form: &Form) -> String {
    free_name(form.letter, names(view))
}
