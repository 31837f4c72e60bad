package config

import (
	"time"

	"commdn/protocol/commdn"
)

// Link is one CommDN of one T-Server, or of a pair of them.
type Link struct {
	Name        string      `yaml:"name"`                  // in logs, metrics and status
	Driver      string      `yaml:"driver,omitempty"`      // the protocol of T-Server: tlink, which the simulator and bridges speak
	Servers     []string    `yaml:"servers"`               // HOST:PORT or unix:/path, primary first
	TLS         ClientTLS   `yaml:"tls,omitempty"`         // of those at HOST:PORT
	CommDN      string      `yaml:"comm_dn,omitempty"`     // empty: from the directory
	Application string      `yaml:"application,omitempty"` // name of the relay's own; empty: from the directory
	AppDBID     commdn.DBID `yaml:"app_dbid,omitempty"`    // of Application; 0: from the directory
	OCS         []OCS       `yaml:"ocs,omitempty"`         // every OCS on the CommDN; empty: from the directory
	// Charset is the encoding of texts on the CommDN, by its WHATWG name; empty: UTF-8.
	Charset string `yaml:"charset,omitempty"`
	// CancelByCustomer lets people cancel the records of a customer without a phone.
	CancelByCustomer bool      `yaml:"cancel_by_customer,omitempty"`
	Tenants          []string  `yaml:"tenants,omitempty"` // names or DBIDs whose requests go here; empty: all
	KeepAlive        KeepAlive `yaml:"keep_alive,omitempty"`
	Backoff          Backoff   `yaml:"backoff,omitempty"`
	Numbers          Numbers   `yaml:"numbers,omitempty"` // how its calling lists hold phone numbers
	// TenantNumbers are rules of tenants in Tenants whose lists hold them otherwise.
	TenantNumbers []TenantNumbers `yaml:"tenant_numbers,omitempty"`
}

// OCS is an Outbound Contact Server, or a pair of them: 201, or {dbid: 201, backup: 202}.
type OCS struct {
	DBID   commdn.DBID `yaml:"dbid"`
	Backup commdn.DBID `yaml:"backup,omitempty"` // the one that stands in for it; 0: none
}

// Shorthand says that a number alone is the DBID.
func (OCS) Shorthand() string { return "dbid" }

// Servers gives the DBIDs of the OCS, without backups.
func Servers(all []OCS) []commdn.DBID {
	if all == nil {
		return nil
	}
	ids := make([]commdn.DBID, len(all))
	for i, o := range all {
		ids[i] = o.DBID
	}
	return ids
}

// Backups gives the DBIDs of the backups, by that of the OCS.
func Backups(all []OCS) map[commdn.DBID]commdn.DBID {
	backups := make(map[commdn.DBID]commdn.DBID)
	for _, o := range all {
		if o.Backup != 0 {
			backups[o.DBID] = o.Backup
		}
	}
	return backups
}

// KeepAlive detects a dead idle link.
type KeepAlive struct {
	Idle    time.Duration `yaml:"idle,omitempty"`    // silence before the relay asks T-Server for a sign of life
	Timeout time.Duration `yaml:"timeout,omitempty"` // for its answer
}

// Backoff is the relay's wait before it reconnects.
type Backoff struct {
	Min time.Duration `yaml:"min,omitempty"`
	Max time.Duration `yaml:"max,omitempty"`
}
