-- Written by `make docs` from the migrations; do not edit.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE base (
	only INTEGER NOT NULL, 
	base_id VARCHAR(32) NOT NULL, 
	key_check VARCHAR(64) NOT NULL, 
	practice BOOLEAN NOT NULL, 
	created_at VARCHAR(27) NOT NULL, normalisation INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_base PRIMARY KEY (only)
);
CREATE TABLE campaigns (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	path TEXT NOT NULL, 
	sender TEXT DEFAULT '' NOT NULL, 
	digests TEXT DEFAULT '{}' NOT NULL, 
	reading INTEGER DEFAULT '0' NOT NULL, 
	complete_reading INTEGER DEFAULT '0' NOT NULL, 
	first_attempt_at VARCHAR(27), 
	doubtful_since VARCHAR(27), 
	created_at VARCHAR(27) NOT NULL, record TEXT, basis VARCHAR(24), 
	CONSTRAINT pk_campaigns PRIMARY KEY (id), 
	CONSTRAINT uq_campaigns_name UNIQUE (name)
);
CREATE TABLE imports (
	id INTEGER NOT NULL, 
	file_name TEXT NOT NULL, 
	file_digest VARCHAR(64) NOT NULL, 
	source_kind VARCHAR(16), 
	rows INTEGER DEFAULT '0' NOT NULL, 
	contacts INTEGER DEFAULT '0' NOT NULL, 
	doubles INTEGER DEFAULT '0' NOT NULL, 
	rejected INTEGER DEFAULT '0' NOT NULL, 
	erased INTEGER DEFAULT '0' NOT NULL, 
	imported_at VARCHAR(27) NOT NULL, path TEXT, source_record TEXT, collected_on DATE, notice_version TEXT, imported_by TEXT, new INTEGER DEFAULT '0' NOT NULL, changed INTEGER DEFAULT '0' NOT NULL, same INTEGER DEFAULT '0' NOT NULL, suppressed INTEGER DEFAULT '0' NOT NULL, lines_done INTEGER DEFAULT '0' NOT NULL, finished_at VARCHAR(27), changed_fields TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_imports PRIMARY KEY (id)
);
CREATE TABLE intakes (
	host VARCHAR(32) NOT NULL, 
	objections_offset INTEGER NOT NULL, 
	CONSTRAINT pk_intakes PRIMARY KEY (host)
);
CREATE TABLE journal (
	seq INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	contact_id VARCHAR(32), 
	payload_hash VARCHAR(64) NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_journal PRIMARY KEY (seq)
);
CREATE INDEX ix_journal_contact_id ON journal (contact_id);
CREATE TABLE suppressions (
	hash BLOB NOT NULL, 
	reason VARCHAR(16) NOT NULL, 
	normalisation INTEGER NOT NULL, 
	since VARCHAR(27) NOT NULL, origin TEXT, lifted_at VARCHAR(27), lifted_by TEXT, renewed_at VARCHAR(27), 
	CONSTRAINT pk_suppressions PRIMARY KEY (hash, reason)
);
CREATE TABLE verdict_sets (
	digest VARCHAR(64) NOT NULL, 
	verdicts TEXT NOT NULL, 
	CONSTRAINT pk_verdict_sets PRIMARY KEY (digest)
);
CREATE TABLE contacts (
	id VARCHAR(32) NOT NULL, 
	email_key TEXT NOT NULL, 
	email TEXT NOT NULL, 
	first_name TEXT DEFAULT '' NOT NULL, 
	last_name TEXT DEFAULT '' NOT NULL, 
	company TEXT, 
	legal_form TEXT, 
	form VARCHAR(16) DEFAULT 'unknown' NOT NULL, 
	title TEXT, 
	country VARCHAR(2), 
	language VARCHAR(8), 
	source_kind VARCHAR(16) NOT NULL, 
	source_record TEXT, 
	collected_on DATE, 
	notice_given BOOLEAN DEFAULT (false) NOT NULL, 
	notice_version TEXT, 
	notice_given_on DATE, 
	objection_offered BOOLEAN DEFAULT (false) NOT NULL, 
	last_inbound_on DATE, 
	published_for_this BOOLEAN DEFAULT (false) NOT NULL, 
	more TEXT DEFAULT '{}' NOT NULL, 
	address_hash BLOB NOT NULL, 
	domain_hash BLOB, 
	import_id INTEGER, 
	created_at VARCHAR(27) NOT NULL, 
	updated_at VARCHAR(27) NOT NULL, company_number VARCHAR(14), topics TEXT DEFAULT '[]' NOT NULL, functions TEXT, 
	CONSTRAINT pk_contacts PRIMARY KEY (id), 
	CONSTRAINT fk_contacts_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id), 
	CONSTRAINT uq_contacts_email_key UNIQUE (email_key)
);
CREATE INDEX ix_contacts_address_hash ON contacts (address_hash);
CREATE TABLE journal_payloads (
	seq INTEGER NOT NULL, 
	salt BLOB NOT NULL, 
	payload TEXT NOT NULL, 
	CONSTRAINT pk_journal_payloads PRIMARY KEY (seq), 
	CONSTRAINT fk_journal_payloads_seq_journal FOREIGN KEY(seq) REFERENCES journal (seq)
);
CREATE TABLE letters (
	campaign_id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	state VARCHAR(9) NOT NULL, 
	reading INTEGER NOT NULL, 
	verdicts VARCHAR(64) NOT NULL, 
	claimed_by VARCHAR(32), 
	fence INTEGER DEFAULT '0' NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	deferrals INTEGER DEFAULT '0' NOT NULL, 
	first_try VARCHAR(27), 
	next_try VARCHAR(27), 
	reason VARCHAR(16), title TEXT, 
	CONSTRAINT pk_letters PRIMARY KEY (campaign_id, contact_id), 
	CONSTRAINT ck_letters_state CHECK (state IN ('waiting', 'held', 'sending', 'accepted', 'refused', 'deferred', 'unknown', 'withdrawn')), 
	CONSTRAINT fk_letters_campaign_id_campaigns FOREIGN KEY(campaign_id) REFERENCES campaigns (id), 
	CONSTRAINT fk_letters_verdicts_verdict_sets FOREIGN KEY(verdicts) REFERENCES verdict_sets (digest)
)
 WITHOUT ROWID

;
CREATE INDEX ix_letters_claimable ON letters (campaign_id, next_try) WHERE claimed_by IS NULL AND state IN ('waiting', 'deferred');
CREATE INDEX ix_letters_claimed ON letters (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE TABLE runs (
	id VARCHAR(32) NOT NULL, 
	campaign_id INTEGER NOT NULL, 
	host VARCHAR(32) NOT NULL, 
	state VARCHAR(5) NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	lease_until VARCHAR(27) NOT NULL, 
	ended_at VARCHAR(27), 
	CONSTRAINT pk_runs PRIMARY KEY (id), 
	CONSTRAINT fk_runs_campaign_id_campaigns FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE INDEX ix_runs_campaign_id ON runs (campaign_id);
CREATE TABLE attempts (
	campaign_id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	run_id VARCHAR(32) NOT NULL, 
	fence INTEGER NOT NULL, 
	message_id TEXT NOT NULL, 
	opened_at VARCHAR(27) NOT NULL, 
	closed_at VARCHAR(27), 
	outcome VARCHAR(9), 
	settled_by VARCHAR(8), 
	stage VARCHAR(16), 
	code INTEGER, 
	enhanced VARCHAR(16), 
	answer TEXT, subject TEXT, 
	CONSTRAINT pk_attempts PRIMARY KEY (campaign_id, contact_id, number), 
	CONSTRAINT ck_attempts_outcome CHECK (outcome IN ('accepted', 'refused', 'deferred', 'unknown', 'untouched')), 
	CONSTRAINT fk_attempts_campaign_id_campaigns FOREIGN KEY(campaign_id) REFERENCES campaigns (id), 
	CONSTRAINT fk_attempts_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
)
 WITHOUT ROWID

;
CREATE INDEX ix_attempts_contact_id ON attempts (contact_id, opened_at);
CREATE INDEX ix_attempts_open ON attempts (run_id) WHERE outcome IS NULL;
CREATE INDEX ix_attempts_run_id ON attempts (run_id);
CREATE TABLE consents (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	given_on DATE NOT NULL, 
	wording_version TEXT, 
	channel TEXT, 
	given_by VARCHAR(16) NOT NULL, 
	proof VARCHAR(32) NOT NULL, 
	tracking BOOLEAN DEFAULT (false) NOT NULL, 
	withdrawn_on DATE, 
	recorded_at VARCHAR(27) NOT NULL, scope TEXT DEFAULT 'mail' NOT NULL, wording TEXT, proof_details TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_consents PRIMARY KEY (id), 
	CONSTRAINT fk_consents_contact_id_contacts FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
CREATE INDEX ix_consents_contact_id ON consents (contact_id);
CREATE TABLE sales (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	sold_on DATE NOT NULL, 
	own_similar BOOLEAN DEFAULT (false) NOT NULL, 
	refusal_offered BOOLEAN DEFAULT (false) NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, reference TEXT, 
	CONSTRAINT pk_sales PRIMARY KEY (id), 
	CONSTRAINT fk_sales_contact_id_contacts FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
CREATE INDEX ix_sales_contact_id ON sales (contact_id);
CREATE TABLE provenances (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	import_id INTEGER, 
	source_kind VARCHAR(16) NOT NULL, 
	source_record TEXT, 
	collected_on DATE, 
	notice_given BOOLEAN DEFAULT (false) NOT NULL, 
	notice_version TEXT, 
	notice_given_on DATE, 
	objection_offered BOOLEAN DEFAULT (false) NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_provenances PRIMARY KEY (id), 
	CONSTRAINT fk_provenances_contact_id_contacts FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_provenances_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id)
);
CREATE INDEX ix_provenances_contact_id ON provenances (contact_id);
CREATE TABLE requests (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(32), 
	address_hash BLOB NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	channel TEXT, 
	received_on DATE NOT NULL, 
	due_on DATE NOT NULL, 
	extension_reason TEXT, 
	closed_at VARCHAR(27), 
	outcome TEXT, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_requests PRIMARY KEY (id)
);
CREATE INDEX ix_requests_contact_id ON requests (contact_id);
CREATE INDEX ix_requests_due_on ON requests (due_on);
CREATE TABLE documents (
	kind VARCHAR(16) NOT NULL, 
	name TEXT NOT NULL, 
	version TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (kind, name, version)
);
CREATE TABLE exports (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	path TEXT NOT NULL, 
	made_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_exports PRIMARY KEY (id)
);
CREATE INDEX ix_exports_contact_id ON exports (contact_id);
CREATE TABLE exclusion_lists (
	id INTEGER NOT NULL, 
	file_name TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	reason VARCHAR(16) NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	entries INTEGER DEFAULT '0' NOT NULL, 
	imported_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_exclusion_lists PRIMARY KEY (id)
);
CREATE TABLE exclusion_digests (
	hash BLOB NOT NULL, 
	list_id INTEGER NOT NULL, 
	CONSTRAINT pk_exclusion_digests PRIMARY KEY (hash), 
	CONSTRAINT fk_exclusion_digests_list_id_exclusion_lists FOREIGN KEY(list_id) REFERENCES exclusion_lists (id)
)
 WITHOUT ROWID

;
CREATE TRIGGER suppressions_stay BEFORE DELETE ON suppressions WHEN 1 BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a suppression is never deleted'); END;
CREATE TRIGGER suppressions_begin BEFORE INSERT ON suppressions WHEN NEW.lifted_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a suppression begins unlifted'); END;
CREATE TRIGGER consents_stay BEFORE DELETE ON consents WHEN EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id) AND NOT EXISTS (SELECT 1 FROM base WHERE practice) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a consent is never deleted'); END;
CREATE TRIGGER consents_hold BEFORE UPDATE ON consents WHEN 1 BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a consent is never changed'); END;
CREATE TRIGGER sales_stay BEFORE DELETE ON sales WHEN EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id) AND NOT EXISTS (SELECT 1 FROM base WHERE practice) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a sale is never deleted'); END;
CREATE TRIGGER sales_hold BEFORE UPDATE ON sales WHEN 1 BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a sale is never changed'); END;
CREATE TRIGGER exclusion_digests_stay BEFORE DELETE ON exclusion_digests WHEN 1 BEGIN SELECT RAISE(ABORT, 'send-campaign rule: an exclusion is never deleted'); END;
CREATE TRIGGER exclusion_digests_hold BEFORE UPDATE ON exclusion_digests WHEN 1 BEGIN SELECT RAISE(ABORT, 'send-campaign rule: an exclusion is never changed'); END;
CREATE TRIGGER contacts_not_erased BEFORE INSERT ON contacts WHEN EXISTS (SELECT 1 FROM suppressions s WHERE s.hash = NEW.address_hash AND s.reason = 'erased') BEGIN SELECT RAISE(ABORT, 'send-campaign rule: this person was erased'); END;
CREATE TRIGGER contacts_not_erased_anew BEFORE UPDATE OF address_hash ON contacts WHEN EXISTS (SELECT 1 FROM suppressions s WHERE s.hash = NEW.address_hash AND s.reason = 'erased') BEGIN SELECT RAISE(ABORT, 'send-campaign rule: this person was erased'); END;
CREATE TRIGGER attempts_allowed BEFORE INSERT ON attempts WHEN NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.id = NEW.contact_id)
    OR EXISTS (SELECT 1 FROM contacts JOIN suppressions s ON s.hash = contacts.address_hash
        WHERE contacts.id = NEW.contact_id AND (s.lifted_at IS NULL OR COALESCE(s.renewed_at, s.since) >= s.lifted_at))
    OR EXISTS (SELECT 1 FROM contacts JOIN suppressions s ON s.hash = contacts.domain_hash
        WHERE contacts.id = NEW.contact_id AND (s.lifted_at IS NULL OR COALESCE(s.renewed_at, s.since) >= s.lifted_at)) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: this person may not be mailed'); END;
CREATE TRIGGER consents_anew BEFORE INSERT ON consents WHEN EXISTS (SELECT 1 FROM consents WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a row of consents is never replaced'); END;
CREATE TRIGGER sales_anew BEFORE INSERT ON sales WHEN EXISTS (SELECT 1 FROM sales WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a row of sales is never replaced'); END;
CREATE TRIGGER contacts_keep_suppressions AFTER UPDATE OF address_hash ON contacts WHEN NEW.address_hash IS NOT OLD.address_hash BEGIN INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT NEW.address_hash, s.reason, s.normalisation, COALESCE(s.renewed_at, s.since), s.origin FROM suppressions s
    WHERE s.hash = OLD.address_hash AND s.reason NOT IN ('bounced', 'domain') AND (s.lifted_at IS NULL OR COALESCE(s.renewed_at, s.since) >= s.lifted_at)
    ON CONFLICT (hash, reason) DO UPDATE SET renewed_at = excluded.since
    WHERE excluded.since > COALESCE(suppressions.renewed_at, suppressions.since); END;
CREATE TRIGGER contacts_come_from AFTER INSERT ON contacts BEGIN INSERT INTO provenances (contact_id, import_id, source_kind, source_record, collected_on, notice_given, notice_version, notice_given_on, objection_offered, recorded_at) VALUES (NEW.id, NEW.import_id, NEW.source_kind, NEW.source_record, NEW.collected_on, NEW.notice_given, NEW.notice_version, NEW.notice_given_on, NEW.objection_offered, NEW.updated_at); END;
CREATE TRIGGER contacts_come_from_anew AFTER UPDATE OF source_kind, source_record, collected_on, notice_given, notice_version, notice_given_on, objection_offered ON contacts WHEN NEW.source_kind IS NOT OLD.source_kind OR NEW.source_record IS NOT OLD.source_record OR NEW.collected_on IS NOT OLD.collected_on OR NEW.notice_given IS NOT OLD.notice_given OR NEW.notice_version IS NOT OLD.notice_version OR NEW.notice_given_on IS NOT OLD.notice_given_on OR NEW.objection_offered IS NOT OLD.objection_offered BEGIN INSERT INTO provenances (contact_id, import_id, source_kind, source_record, collected_on, notice_given, notice_version, notice_given_on, objection_offered, recorded_at) VALUES (NEW.id, NEW.import_id, NEW.source_kind, NEW.source_record, NEW.collected_on, NEW.notice_given, NEW.notice_version, NEW.notice_given_on, NEW.objection_offered, NEW.updated_at); END;
CREATE TRIGGER provenances_stay BEFORE DELETE ON provenances WHEN EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id) AND NOT EXISTS (SELECT 1 FROM base WHERE practice) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a provenance is never deleted'); END;
CREATE TRIGGER provenances_hold BEFORE UPDATE ON provenances WHEN 1 BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a provenance is never changed'); END;
CREATE TRIGGER provenances_anew BEFORE INSERT ON provenances WHEN EXISTS (SELECT 1 FROM provenances WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a row of provenances is never replaced'); END;
CREATE TABLE aliases (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	former_id VARCHAR(32), 
	email_key TEXT NOT NULL, 
	email TEXT NOT NULL, 
	address_hash BLOB NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_aliases PRIMARY KEY (id), 
	CONSTRAINT fk_aliases_contact_id_contacts FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
CREATE INDEX ix_aliases_contact_id ON aliases (contact_id);
CREATE INDEX ix_aliases_former_id ON aliases (former_id);
CREATE INDEX ix_aliases_email_key ON aliases (email_key);
CREATE INDEX ix_aliases_address_hash ON aliases (address_hash);
CREATE TRIGGER suppressions_spread AFTER INSERT ON suppressions WHEN NEW.reason NOT IN ('bounced', 'domain') BEGIN INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT other.hash, NEW.reason, NEW.normalisation, COALESCE(NEW.renewed_at, NEW.since), NEW.origin
    FROM (SELECT c.address_hash AS hash FROM aliases a JOIN contacts c ON c.id = a.contact_id
        WHERE a.address_hash = NEW.hash
    UNION SELECT b.address_hash FROM aliases a JOIN aliases b ON b.contact_id = a.contact_id
        WHERE a.address_hash = NEW.hash
    UNION SELECT a.address_hash FROM aliases a JOIN contacts c ON c.id = a.contact_id
        WHERE c.address_hash = NEW.hash) other WHERE other.hash <> NEW.hash ON CONFLICT (hash, reason) DO UPDATE SET renewed_at = excluded.since
    WHERE excluded.since > COALESCE(suppressions.renewed_at, suppressions.since) AND excluded.reason <> 'excluded'; END;
CREATE TRIGGER suppressions_spread_anew AFTER UPDATE OF renewed_at ON suppressions WHEN NEW.reason NOT IN ('bounced', 'domain') BEGIN INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT other.hash, NEW.reason, NEW.normalisation, COALESCE(NEW.renewed_at, NEW.since), NEW.origin
    FROM (SELECT c.address_hash AS hash FROM aliases a JOIN contacts c ON c.id = a.contact_id
        WHERE a.address_hash = NEW.hash
    UNION SELECT b.address_hash FROM aliases a JOIN aliases b ON b.contact_id = a.contact_id
        WHERE a.address_hash = NEW.hash
    UNION SELECT a.address_hash FROM aliases a JOIN contacts c ON c.id = a.contact_id
        WHERE c.address_hash = NEW.hash) other WHERE other.hash <> NEW.hash ON CONFLICT (hash, reason) DO UPDATE SET renewed_at = excluded.since
    WHERE excluded.since > COALESCE(suppressions.renewed_at, suppressions.since) AND excluded.reason <> 'excluded'; END;
CREATE TRIGGER aliases_share AFTER INSERT ON aliases BEGIN INSERT INTO suppressions (hash, reason, normalisation, since, origin)
    SELECT other.hash, s.reason, MIN(s.normalisation), MAX(COALESCE(s.renewed_at, s.since)), MAX(s.origin)
    FROM (SELECT c.address_hash AS hash FROM contacts c WHERE c.id = NEW.contact_id
    UNION SELECT a.address_hash FROM aliases a WHERE a.contact_id = NEW.contact_id) said JOIN suppressions s ON s.hash = said.hash
    JOIN (SELECT c.address_hash AS hash FROM contacts c WHERE c.id = NEW.contact_id
    UNION SELECT a.address_hash FROM aliases a WHERE a.contact_id = NEW.contact_id) other ON other.hash <> s.hash
    WHERE s.reason NOT IN ('bounced', 'domain') AND (s.lifted_at IS NULL OR COALESCE(s.renewed_at, s.since) >= s.lifted_at) GROUP BY other.hash, s.reason ON CONFLICT (hash, reason) DO UPDATE SET renewed_at = excluded.since
    WHERE excluded.since > COALESCE(suppressions.renewed_at, suppressions.since) AND excluded.reason <> 'excluded'; END;
CREATE TRIGGER aliases_stay BEFORE DELETE ON aliases WHEN EXISTS (SELECT 1 FROM contacts WHERE contacts.id = OLD.contact_id) AND NOT EXISTS (SELECT 1 FROM base WHERE practice) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a former address is never forgotten'); END;
CREATE TABLE returns (
	campaign_id INTEGER NOT NULL, 
	contact_id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	status VARCHAR(16), 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_returns PRIMARY KEY (campaign_id, contact_id, kind), 
	CONSTRAINT fk_returns_campaign_id_campaigns FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)
 WITHOUT ROWID

;
CREATE INDEX ix_returns_contact_id ON returns (contact_id);
CREATE TABLE mailboxes (
	name TEXT NOT NULL, 
	read_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_mailboxes PRIMARY KEY (name)
);
CREATE TRIGGER suppressions_hold BEFORE UPDATE ON suppressions WHEN (NEW.hash IS NOT OLD.hash OR NEW.reason IS NOT OLD.reason OR NEW.since IS NOT OLD.since
    OR NEW.normalisation IS NOT OLD.normalisation
    OR (NEW.origin IS NOT OLD.origin AND NOT NEW.renewed_at IS NOT OLD.renewed_at)
    OR (NEW.renewed_at IS NOT OLD.renewed_at AND (NEW.renewed_at IS NULL OR NEW.renewed_at < COALESCE(OLD.renewed_at, OLD.since)))
    OR (NEW.lifted_by IS NOT OLD.lifted_by AND NOT NEW.lifted_at IS NOT OLD.lifted_at)
    OR (NEW.lifted_at IS NOT OLD.lifted_at AND NOT (NEW.lifted_at IS NOT NULL AND NEW.lifted_by IS NOT NULL AND NEW.lifted_at > COALESCE(OLD.renewed_at, OLD.since)
    AND (OLD.lifted_at IS NULL OR NEW.lifted_at > OLD.lifted_at)
    AND (OLD.reason IN ('domain', 'restricted')
    OR (OLD.reason = 'objected' AND OLD.renewed_at IS NULL AND OLD.lifted_at IS NULL
    AND NEW.lifted_by = 'undone' AND julianday(NEW.lifted_at) - julianday(OLD.since) < 0.0209 AND EXISTS (
    SELECT 1 FROM consents JOIN contacts ON contacts.id = consents.contact_id
    WHERE contacts.address_hash = OLD.hash AND consents.withdrawn_on IS NULL AND consents.given_by = 'person'
    AND consents.scope = 'undo' AND consents.proof = 'link' AND consents.recorded_at > OLD.since))
    OR (OLD.reason IN ('objected', 'excluded', 'bounced') AND EXISTS (
    SELECT 1 FROM consents JOIN contacts ON contacts.id = consents.contact_id
    WHERE contacts.address_hash = OLD.hash AND consents.withdrawn_on IS NULL AND consents.given_by = 'person'
    AND consents.scope = 'mail' AND consents.recorded_at > COALESCE(OLD.renewed_at, OLD.since) AND consents.given_on >= substr(COALESCE(OLD.renewed_at, OLD.since), 1, 10)
    AND (consents.proof = 'double_opt_in' OR (consents.proof = 'signed' AND OLD.reason <> 'bounced')))))))) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a suppression is lifted by the own consent only'); END;
CREATE TABLE choices (
	contact_id VARCHAR(32) NOT NULL, 
	most_per_year INTEGER, 
	language VARCHAR(8), 
	recorded_at VARCHAR(27) NOT NULL, 
	CONSTRAINT pk_choices PRIMARY KEY (contact_id), 
	CONSTRAINT fk_choices_contact_id_contacts FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
CREATE TABLE topic_refusals (
	hash BLOB NOT NULL, 
	topic TEXT NOT NULL, 
	since VARCHAR(27) NOT NULL, 
	renewed_at VARCHAR(27), 
	CONSTRAINT pk_topic_refusals PRIMARY KEY (hash, topic)
);
CREATE TRIGGER topic_refusals_hold BEFORE UPDATE ON topic_refusals WHEN (NEW.hash IS NOT OLD.hash OR NEW.topic IS NOT OLD.topic OR NEW.since IS NOT OLD.since
    OR NEW.renewed_at IS NULL OR NEW.renewed_at < COALESCE(OLD.renewed_at, OLD.since)) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a topic that somebody refused is never forgotten'); END;
CREATE TRIGGER topic_refusals_stay BEFORE DELETE ON topic_refusals WHEN NOT EXISTS (SELECT 1 FROM base WHERE practice) BEGIN SELECT RAISE(ABORT, 'send-campaign rule: a topic that somebody refused is never forgotten'); END;
CREATE TABLE pending (
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	contact_id VARCHAR(32), 
	address_hash BLOB NOT NULL, 
	email TEXT NOT NULL, 
	email_key TEXT NOT NULL, 
	said TEXT DEFAULT '{}' NOT NULL, 
	network TEXT, 
	asked_at VARCHAR(27) NOT NULL, 
	good_until VARCHAR(27) NOT NULL, 
	next_try VARCHAR(27), 
	tries INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_pending PRIMARY KEY (id)
);
CREATE INDEX ix_pending_contact_id ON pending (contact_id);
CREATE INDEX ix_pending_address_hash ON pending (address_hash);
CREATE INDEX ix_pending_good_until ON pending (good_until);
CREATE INDEX ix_pending_next_try ON pending (next_try);
CREATE TABLE troubles (
	campaign_id INTEGER NOT NULL, 
	domain_hash BLOB NOT NULL, 
	mails INTEGER DEFAULT '0' NOT NULL, 
	mails_before INTEGER DEFAULT '0' NOT NULL, 
	refused INTEGER DEFAULT '0' NOT NULL, 
	in_a_row INTEGER DEFAULT '0' NOT NULL, 
	bounces INTEGER DEFAULT '0' NOT NULL, 
	complaints INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_troubles PRIMARY KEY (campaign_id, domain_hash), 
	CONSTRAINT fk_troubles_campaign_id_campaigns FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
)
 WITHOUT ROWID

;
CREATE TABLE pauses (
	id INTEGER NOT NULL, 
	campaign_id INTEGER NOT NULL, 
	domain_hash BLOB, 
	reason VARCHAR(16) NOT NULL, 
	events INTEGER NOT NULL, 
	mails INTEGER NOT NULL, 
	enhanced VARCHAR(16), 
	paused_at VARCHAR(27) NOT NULL, 
	lifted_at VARCHAR(27), 
	CONSTRAINT pk_pauses PRIMARY KEY (id), 
	CONSTRAINT fk_pauses_campaign_id_campaigns FOREIGN KEY(campaign_id) REFERENCES campaigns (id)
);
CREATE INDEX ix_pauses_campaign_id ON pauses (campaign_id);
CREATE INDEX ix_contacts_domain_hash ON contacts (domain_hash);
CREATE TABLE lanes (
	name VARCHAR(27) NOT NULL, 
	domain_hash BLOB, 
	due VARCHAR(27), 
	level INTEGER DEFAULT '0' NOT NULL, 
	slowed_at VARCHAR(27), 
	CONSTRAINT pk_lanes PRIMARY KEY (name)
);
CREATE TABLE days (
	from_domain TEXT NOT NULL, 
	day DATE NOT NULL, 
	mails INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_days PRIMARY KEY (from_domain, day)
)
 WITHOUT ROWID

;
INSERT INTO alembic_version VALUES ('0012');
