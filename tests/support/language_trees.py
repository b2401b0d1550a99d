"""A small repository and a change of it, in every language that is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, slots=True)
class Case:
    """One change.

    Attributes:
        name: the language.
        files: the repository before.
        edits: the file that changes, and what is replaced by what.
        shows: lines that must stand beside the diff, each with why.
        hides: lines that must not.
    """

    name: str
    files: Mapping[str, str]
    edits: tuple[str, tuple[tuple[str, str], ...]]
    shows: tuple[tuple[str, str], ...]
    hides: tuple[str, ...]

    @property
    def before(self) -> dict[str, str]:
        return {path: dedent(text).lstrip("\n") for path, text in self.files.items()}

    @property
    def after(self) -> dict[str, str]:
        path, replaced = self.edits
        files = self.before
        for old, new in replaced:
            assert files[path].count(old) == 1, old
            files[path] = files[path].replace(old, new)
        return files


PYTHON = Case(
    "python",
    {
        "shop/prices.py": """
            from shop.rates import lookup_rate
            from shop.texts import banner
            import decimal


            LIMIT = 5


            def unrelated_function():
                return banner()


            def convert(amount, currency):
                if amount is None:
                    return None
                if not currency:
                    raise ValueError(currency)
                rate = lookup_rate("EUR", currency)
                return amount * rate


            def at_the_end():
                return LIMIT
            """,
        "shop/rates.py": """
            _RATES = {}


            def other_rate():
                return 1


            # Never fails; an unknown pair has the rate 1.
            def lookup_rate(source, target):
                return _RATES.get((source, target), 1)
            """,
        "shop/invoice.py": """
            from shop.prices import convert


            def total(lines):
                # convert is not called in this comment
                whole = sum(line.amount for line in lines)
                return convert(whole, "USD")


            def other(lines):
                return len(lines)
            """,
        "tests/test_prices.py": """
            from shop.prices import convert


            def test_convert():
                assert convert(1, "USD") == 1
            """,
        "docs/convert.md": "convert(1, 2) converts.\n",
    },
    (
        "shop/prices.py",
        (
            ("def convert(amount, currency):", "def convert(amount, currency, day):"),
            ('lookup_rate("EUR", currency)', 'lookup_rate("EUR", currency, day)'),
        ),
    ),
    (
        ("shop/prices.py:1:from shop.rates import lookup_rate", "imports"),
        ("shop/rates.py:9:def lookup_rate(source, target):", "definition"),
        ("shop/rates.py:8:# Never fails; an unknown pair has the rate 1.", "definition"),
        ("shop/invoice.py:4:def total(lines):", "caller"),
        ('shop/invoice.py:7:    return convert(whole, "USD")', "caller"),
        ('tests/test_prices.py:5:    assert convert(1, "USD") == 1', "caller"),
    ),
    ("import decimal", "return banner()", "def other_rate", "def other(lines)", "converts.", "at_the_end"),
)

JAVASCRIPT = Case(
    "javascript",
    {
        "src/cart.js": """
            import { priceOf } from "./prices.js";
            import { banner } from "./texts.js";

            export function headline() {
              return banner();
            }

            export class Cart {
              constructor(items) {
                this.items = items;
              }

              first() {
                return this.items[0];
              }

              sum(currency) {
                const amounts = this.items.map((item) => item.amount);
                return priceOf(amounts, currency);
              }
            }

            export const emptyCart = () => new Cart([]);
            """,
        "src/prices.js": """
            /** Amounts in cents. */
            export const priceOf = (amounts, currency) => {
              return { amounts, currency };
            };

            export function unrelated() {}
            """,
        "src/pages/checkout.jsx": """
            import { Cart } from "../cart.js";

            // sum is a word of this comment
            export function Checkout({ items }) {
              const cart = new Cart(items);
              return <Total amount={cart.sum("EUR")} />;
            }
            """,
        "src/deep.test.js": """
            import { Cart } from "./cart.js";

            test("sums", () => {
              expect(new Cart([]).sum("EUR")).toEqual({});
            });
            """,
    },
    (
        "src/cart.js",
        (
            ("  sum(currency) {", "  sum(currency, vat) {"),
            ("return priceOf(amounts, currency);", "return priceOf(amounts, currency, vat);"),
        ),
    ),
    (
        ('src/cart.js:1:import { priceOf } from "./prices.js";', "imports"),
        ("src/cart.js:8:export class Cart {", "enclosing"),
        ("src/prices.js:1:/** Amounts in cents. */", "definition"),
        ("src/prices.js:2:export const priceOf = (amounts, currency) => {", "definition"),
        ('src/pages/checkout.jsx:6:  return <Total amount={cart.sum("EUR")} />;', "caller"),
        ('src/deep.test.js:4:  expect(new Cart([]).sum("EUR")).toEqual({});', "caller"),
    ),
    ("banner", "unrelated", "// sum is"),
)

TYPESCRIPT = Case(
    "typescript",
    {
        "src/queue.ts": """
            import type { Job } from "./job";
            import { now } from "./clock";

            export interface Queue {
              putBack(job: Job, delaySeconds: number): Promise<void>;
              size(): number;
            }

            export abstract class MemoryQueue implements Queue {
              private jobs: Job[] = [];

              abstract size(): number;

              async putBack(job: Job, delaySeconds: number): Promise<void> {
                const at = now() + delaySeconds;
                job.at = at;
                this.jobs.push(job);
              }
            }
            """,
        "src/job.ts": """
            export type Kind = "mail" | "print";

            export interface Job {
              at: number;
              kind: Kind;
            }
            """,
        "src/clock.ts": """
            // Milliseconds since the epoch.
            export function now(): number {
              return Date.now();
            }

            export function later(): number {
              return 1;
            }
            """,
        "src/view/page.tsx": """
            import { MemoryQueue } from "../queue";

            export const Page = ({ queue }: { queue: MemoryQueue }) => {
              const again = () => queue.putBack({ at: 0, kind: "mail" }, 5);
              return <Button onClick={again} />;
            };
            """,
    },
    (
        "src/queue.ts",
        (("const at = now() + delaySeconds;", "const at = now() + delaySeconds * 1000;"),),
    ),
    (
        ('src/queue.ts:2:import { now } from "./clock";', "imports"),
        ("src/clock.ts:1:// Milliseconds since the epoch.", "definition"),
        ("src/clock.ts:2:export function now(): number {", "definition"),
        ('src/view/page.tsx:4:  const again = () => queue.putBack({ at: 0, kind: "mail" }, 5);', "caller"),
    ),
    ("export function later", "export type Kind"),
)

GO = Case(
    "go",
    {
        "store/devices.go": """
            package store

            import (
            \t"context"
            \t"errors"
            )

            // ErrNotFound says that there is no such device.
            var ErrNotFound = errors.New("no such device")

            const Retries = 3

            type Devices struct {
            \tdb Database
            }

            // Get returns a device.
            func (d *Devices) Get(ctx context.Context, id string) (Device, error) {
            \tdevice := Device{ID: id}
            \tfound, err := d.db.Lookup(ctx, id)
            \tif !found {
            \t\treturn Device{}, ErrNotFound
            \t}
            \treturn device, err
            }

            func helperThatIsNotMeant() {}
            """,
        "store/device.go": """
            package store

            // Device is a sensor in the field.
            type Device struct {
            \tID   string
            \tSite string
            }

            type Database interface {
            \tLookup(ctx context.Context, id string) (bool, error)
            }
            """,
        "api/devices.go": """
            package api

            import "example.com/app/store"

            func (a *API) Device(id string) int {
            \tdevice, err := a.devices.Get(nil, id)
            \tif err == store.ErrNotFound {
            \t\treturn 404
            \t}
            \treturn a.write(device)
            }

            func (a *API) Unused() int { return 1 }
            """,
        "api/devices_test.go": """
            package api

            func TestDevice(t *testing.T) {
            \tstore.New().Get(nil, "1")
            }
            """,
    },
    ("store/devices.go", (("return Device{}, ErrNotFound", 'return Device{}, fmt.Errorf("%s: %w", id, ErrNotFound)'),)),
    (
        ('store/devices.go:9:var ErrNotFound = errors.New("no such device")', "definition"),
        ("store/devices.go:8:// ErrNotFound says that there is no such device.", "definition"),
        ("store/devices.go:18:func (d *Devices) Get(ctx context.Context, id string) (Device, error) {", "enclosing"),
        ("store/device.go:4:type Device struct {", "definition"),
        ("api/devices.go:6:\tdevice, err := a.devices.Get(nil, id)", "caller"),
        ("api/devices.go:7:\tif err == store.ErrNotFound {", "caller"),
    ),
    ("const Retries", "helperThatIsNotMeant", "Unused"),
)

RUST = Case(
    "rust",
    {
        "src/settings.rs": """
            use crate::limits::MAX_SECONDS;

            #[derive(Debug)]
            pub struct Settings {
                seconds: u64,
            }

            impl Settings {
                /// In seconds.
                pub fn request_timeout(&self) -> u64 {
                    clamp(self.seconds)
                }

                pub fn another(&self) -> u64 {
                    MAX_SECONDS
                }
            }

            fn clamp(seconds: u64) -> u64 {
                seconds.min(MAX_SECONDS)
            }

            fn nothing_to_do_with_it() {}
            """,
        "src/limits.rs": """
            /// An hour.
            pub const MAX_SECONDS: u64 = 3600;
            pub const MIN_SECONDS: u64 = 1;
            """,
        "src/probe.rs": """
            use crate::settings::Settings;

            impl Probe {
                pub fn make(settings: &Settings) -> Probe {
                    Probe { limit: Duration::from_secs(settings.request_timeout()) }
                }
            }
            """,
    },
    (
        "src/settings.rs",
        (("        clamp(self.seconds)\n", "        clamp(self.seconds).min(MAX_SECONDS) * 1000\n"),),
    ),
    (
        ("src/settings.rs:1:use crate::limits::MAX_SECONDS;", "imports"),
        ("src/settings.rs:19:fn clamp(seconds: u64) -> u64 {", "definition"),
        ("src/limits.rs:2:pub const MAX_SECONDS: u64 = 3600;", "definition"),
        ("src/probe.rs:5:        Probe { limit: Duration::from_secs(settings.request_timeout()) }", "caller"),
        ("src/probe.rs:4:    pub fn make(settings: &Settings) -> Probe {", "caller"),
    ),
    ("nothing_to_do_with_it", "MIN_SECONDS"),
)

JAVA = Case(
    "java",
    {
        "src/main/java/app/pay/Retrying.java": """
            package app.pay;

            import app.net.Gateway;
            import java.util.List;

            public final class Retrying {
                private static final int ATTEMPTS = 3;
                private final Gateway gateway;

                public Retrying(Gateway gateway) {
                    this.gateway = gateway;
                }

                /** The number of the payment. */
                public String charge(Request request) {
                    for (int attempt = 0; ; attempt++) {
                        String number = gateway.send(request);
                        if (number != null) {
                            return number;
                        }
                    }
                }

                private void unrelated() {}
            }
            """,
        "src/main/java/app/net/Gateway.java": """
            package app.net;

            public interface Gateway {
                /** Every call is a payment of its own. */
                String send(Request request);
            }
            """,
        "src/main/java/app/shop/Checkout.java": """
            package app.shop;

            import app.pay.Retrying;

            class Checkout {
                boolean pay(Retrying retrying, Request request) {
                    return retrying.charge(request) != null;
                }

                void other() {}
            }
            """,
        "src/test/java/app/pay/RetryingTest.java": """
            package app.pay;

            class RetryingTest {
                void charges() {
                    new Retrying(null).charge(null);
                }
            }
            """,
    },
    (
        "src/main/java/app/pay/Retrying.java",
        (
            ("public String charge(Request request) {", "public String charge(Request request, int most) {"),
            ("String number = gateway.send(request);", "String number = gateway.send(request, ATTEMPTS);"),
        ),
    ),
    (
        ("src/main/java/app/pay/Retrying.java:7:    private static final int ATTEMPTS = 3;", "enclosing"),
        ("src/main/java/app/net/Gateway.java:4:    /** Every call is a payment of its own. */", "definition"),
        ("src/main/java/app/net/Gateway.java:5:    String send(Request request);", "definition"),
        ("src/main/java/app/shop/Checkout.java:7:        return retrying.charge(request) != null;", "caller"),
        ("src/test/java/app/pay/RetryingTest.java:5:        new Retrying(null).charge(null);", "caller"),
    ),
    ("import java.util.List;", "void other()"),
)

C = Case(
    "c",
    {
        "src/session.c": """
            #include "session.h"

            #define BACKLOG 16

            static int unrelated(void)
            {
            \treturn 0;
            }

            void session_free(struct session *s)
            {
            \tif (!s)
            \t\treturn;
            \tclose(s->fd);
            \tdrop_peer(s);
            }
            """,
        "src/session.h": """
            #ifndef SESSION_H
            #define SESSION_H

            struct session {
            \tint fd;
            \tchar *peer; /* ours */
            };

            void session_free(struct session *s);
            /* Forgets who it was. */
            char *drop_peer(struct session *s);

            #endif
            """,
        "src/server.c": """
            #include "session.h"

            void server_drop(struct session *s)
            {
            \tchar *peer = s->peer;

            \tsession_free(s);
            \tfree(peer);
            }

            void server_idle(void)
            {
            }
            """,
    },
    ("src/session.c", (("\tclose(s->fd);\n", "\tclose(s->fd);\n\tfree(s->peer);\n"),)),
    (
        ("src/session.c:10:void session_free(struct session *s)", "enclosing"),
        ("src/server.c:3:void server_drop(struct session *s)", "caller"),
        ("src/server.c:7:\tsession_free(s);", "caller"),
    ),
    ("static int unrelated", "server_idle"),
)

CPP = Case(
    "cpp",
    {
        "src/legend.cpp": """
            #include "series.hpp"

            namespace chart {

            std::vector<std::string> labels_of(const std::vector<Series>& all) {
              std::vector<std::string> labels;
              for (const Series& one : all) {
                const std::string label = one.label();
                labels.push_back(label);
              }
              return labels;
            }

            void Legend::write(std::ostream& out) const {
              for (const auto& label : labels_of(all_)) {
                out << label;
              }
            }

            void not_concerned() {}

            }  // namespace chart
            """,
        "src/series.hpp": """
            #pragma once

            class Series {
             public:
              /// With its unit, made anew.
              std::string label() const { return name_ + unit_; }

             private:
              std::string name_;
            };

            template <typename T>
            T unused_template(T value) {
              return value;
            }
            """,
    },
    (
        "src/legend.cpp",
        (
            ("    const std::string label = one.label();\n", "    const std::string_view label = one.label();\n"),
            ("std::vector<std::string> labels_of", "std::vector<std::string_view> labels_of"),
        ),
    ),
    (
        ("src/series.hpp:6:  std::string label() const { return name_ + unit_; }", "definition"),
        ("src/legend.cpp:15:  for (const auto& label : labels_of(all_)) {", "caller"),
        ("src/legend.cpp:14:void Legend::write(std::ostream& out) const {", "caller"),
    ),
    ("not_concerned", "unused_template"),
)

RUBY = Case(
    "ruby",
    {
        "lib/bank/repo.rb": """
            require "json"
            require_relative "mapping"

            module Bank
              class Repo
                MOST = 5

                def initialize(db)
                  @db = db
                end

                # Raises for an unknown id.
                def account_for(id)
                  row = @db.first(id)
                  raise KeyError if row.nil?

                  Mapping.to_account(row)
                end

                def other
                  MOST
                end
              end
            end
            """,
        "lib/bank/mapping.rb": """
            module Bank
              module Mapping
                # A new account each time.
                def self.to_account(row)
                  Account.new(row)
                end

                def self.unused(row)
                  row
                end
              end
            end
            """,
        "lib/bank/job.rb": """
            module Bank
              class Job
                def run_one(id)
                  account = @repo.account_for(id)
                  account.owner
                end

                def idle
                end
              end
            end
            """,
        "spec/repo_spec.rb": """
            describe Repo do
              it { expect(repo.account_for(1)).to be_nil }
            end
            """,
    },
    (
        "lib/bank/repo.rb",
        (
            (
                "      raise KeyError if row.nil?\n\n      Mapping.to_account(row)",
                "      row && Mapping.to_account(row)",
            ),
        ),
    ),
    (
        ("lib/bank/mapping.rb:3:    # A new account each time.", "definition"),
        ("lib/bank/mapping.rb:4:    def self.to_account(row)", "definition"),
        ("lib/bank/job.rb:4:      account = @repo.account_for(id)", "caller"),
        ("spec/repo_spec.rb:2:  it { expect(repo.account_for(1)).to be_nil }", "caller"),
    ),
    ("json", "def idle"),
)

CASES = (PYTHON, JAVASCRIPT, TYPESCRIPT, GO, RUST, JAVA, C, CPP, RUBY)
