// From English to another language, as the tests in that language need it. This asks for no browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { entries, texts } from "./support/texts.mjs";
import { Translator } from "./support/translate.mjs";

const ENGLISH = entries(`
# A comment.
kill = Kill
killed = Broker {broker} was killed
row = {name}: {act}
broker = Broker {id}
leader = Leader
group = Group {group}
members.one = {number} member
members.other = {number} members
lag = {members}, lag {lag}
begin = Begin
start = Begin
of = {part} of {whole}
because = " because "
held = , held at {at}
found = {rows} found. Searched {total} records.
table = {title} as a table
throughput = Throughput
topic = Topic {name}{lag} lies here
`);
const SPANISH = entries(`
kill = Matar
killed = Se mató el proceso del broker {broker}
row = {name}: {act}
broker = Broker {id}
leader = Líder
group = Grupo {group}
members.one = Un miembro
members.other = {number} miembros
lag = {members}, con lag {lag}
begin = Empezar
start = Comenzar
of = {part} de {whole}
because = " porque "
held = , retenido en {at}
found = Encontrados: {rows}. Registros recorridos: {total}.
table = {title} como tabla
throughput = Caudal
topic = Aquí está el topic {name}{lag}
`);
const spanish = new Translator(
  [...ENGLISH].map(([key, english]) => ({ key, english, own: SPANISH.get(key) })),
  { thousands: "." },
);
const exactly = (text) => spanish.expression(text, true);
const partly = (text) => spanish.expression(text, false);

test("a catalogue is read line by line, and quotes keep spaces", () => {
  assert.equal(ENGLISH.get("because"), " because ");
  assert.equal(ENGLISH.get("found"), "{rows} found. Searched {total} records.");
  assert.equal(ENGLISH.size, 18);
});

test("content has its texts by their places", () => {
  const asks = '[[asks]]\ntext = "One"\n[[asks.options]]\nreply = "Yes"\n[[asks.options]]\nreply = "No"\nwhen = 3\n';
  const toml = `title = "A \\"log\\""\n${asks}[[asks]]\n[[asks.options]]\nreply = "So"\n[carry]\nanswer = "Two"\n`;
  const found = [...texts(toml)].map(([key, text]) => `${key}=${text}`);
  const wanted = ['title=A "log"', "asks[0].text=One", "asks[0].options[0].reply=Yes", "asks[0].options[1].reply=No"];
  assert.deepEqual(found, [...wanted, "asks[1].options[0].reply=So", "carry.answer=Two"]);
});

test("a sentence has its arguments, and these are translated in turn", () => {
  assert.equal(exactly("Kill"), "Matar");
  assert.equal(exactly("Broker 2: Kill"), "Broker 2: Matar");
  assert.equal(exactly("Broker 2 was killed"), "Se mató el proceso del broker 2");
  assert.equal(exactly("Throughput as a table"), "Caudal como tabla");
  assert.equal(exactly("3 members, lag 5"), "3 miembros, con lag 5");
});

test("what is no sentence stays", () => {
  assert.equal(exactly("orders-0"), null);
  assert.equal(exactly("broker kill 2"), null);
  assert.equal(partly("Orders of a tea house"), null, "an `of` makes no sentence");
});

test("where English is ambiguous, each will do", () => {
  assert.deepEqual(exactly("Begin"), /^(?:Empezar|Comenzar)$/);
  assert.deepEqual(partly("Begin"), /Empezar|Comenzar/i);
});

test("of a part the whole sentence is looked for", () => {
  assert.deepEqual(partly("5 found. Searched"), /Encontrados: 5\. Registros recorridos: .*\./i);
  assert.equal(partly("was killed"), "Se mató el proceso del broker");
});

test("arguments side by side are one", () => {
  assert.equal(exactly("Topic orders, held at 0 lies here"), "Aquí está el topic orders, retenido en 0");
});

test("a regular expression keeps what it leaves open", () => {
  const same = (expression, wanted) => assert.equal(String(spanish.regExp(expression)), String(wanted));
  same(/^Broker \d was killed$/, /^(?:Se mató el proceso del broker \d)$/);
  same(/^[\d,]+ found/, /^(?:Encontrados: [\d\.]+\. Registros recorridos: .*\.)/);
  same(/Leader|Kill/, /(?:Líder)|(?:Matar)/);
  same(/^Group (g1|g2)\b.* members/, /^(?:Grupo (g1|g2)\b.* miembros)/);
  assert.equal(spanish.regExp(/^orders-\d+$/), null);
  assert.match("Grupo billing, 3 miembros, con lag 12", spanish.regExp(/^Group billing, \d members, lag \d+$/));
});
