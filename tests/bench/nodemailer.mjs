// Sends mail.html and mail.txt to everybody in people.csv: node nodemailer.mjs PORT CONNECTIONS
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const [port, connections] = process.argv.slice(2).map(Number);
const read = (name) => readFileSync(name, "utf8");
const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (value) => value.replace(/[&<>"']/g, (sign) => escapes[sign]);

// "a {{ b }} c" becomes a function of the values
function compiled(template, encode) {
  const pieces = template.split(/\{\{ (\w+) \}\}/);
  return (values) => pieces.map((piece, n) => (n % 2 ? encode(values[piece]) : piece)).join("");
}

const html = compiled(read("mail.html"), escaped);
const text = compiled(read("mail.txt"), (value) => value);
const [heading, ...rows] = read("people.csv").trim().split("\r\n").map((line) => line.split(","));
const people = rows.map((row) => Object.fromEntries(heading.map((name, n) => [name, row[n]])));
const subject = read("subject.txt");
const pool = { pool: true, maxConnections: connections, maxMessages: Infinity };
const transport = nodemailer.createTransport({ host: "127.0.0.1", port, secure: false, ignoreTLS: true, ...pool });

async function sendAll() {
  for (let person; (person = people.pop()); ) {
    const from = '"Éluard Conseil" <conseil@eluard.example>';
    const letter = { from, to: person.email, subject, text: text(person), html: html(person) };
    await transport.sendMail(letter);
  }
}

// Twice as many letters in work as connections, so that none of these waits for one
await Promise.all(Array.from({ length: 2 * connections }, sendAll));
transport.close();
