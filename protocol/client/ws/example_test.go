//go:build !js

package ws_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
)

// Puts a number on the Do Not Call list.
func Example() {
	c := client.New(client.Options{Dial: ws.Dialer(address, ws.Options{}), Agent: "example/1.0"})
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	answers, err := c.Do(ctx, &commdn.DoNotCall{Phone: "5551234567", Chain: commdn.AllChain})
	var fault *commdn.Fault
	switch outcome := client.OutcomeOf(answers, err); {
	case errors.As(err, &fault):
		fmt.Println("OCS refused:", fault.Code)
	case !outcome.OK():
		fmt.Println(outcome, err) // unknown, invalid or not-sent
	default:
		fmt.Println(outcome)
	}
	// Output: done
}

// Loads a campaign, and tells what OCS says of it.
func Example_campaign() {
	c := client.New(client.Options{Dial: ws.Dialer(address, ws.Options{})})
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	names, err := c.Directory(ctx)
	if err != nil {
		log.Fatal(err)
	}
	group := commdn.CampaignGroup{Campaign: names.Campaigns[0].DBID, Group: names.Groups[0].DBID}
	event, err := c.LoadCampaign(ctx, commdn.LoadCampaign{
		CampaignGroup: group,
		Dialing:       commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s/%s: %+v\n", names.Campaigns[0].Name, names.Groups[0].Name, event)
	// Output: Autumn offers/Sales: CM_EvCampaignLoaded 1001/502 CM_GCS_Active
}

// A relay with a certificate of one's own authority, and a token that is read
// again for each connection.
func ExampleDialer() {
	pem, err := os.ReadFile("ca.pem")
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		log.Fatal("ca.pem holds no certificate")
	}
	c := client.New(client.Options{
		Dial: ws.Dialer("wss://commdn.example.com:8443/ws", ws.Options{TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}),
		Token: func(context.Context) (string, error) {
			token, err := os.ReadFile("/run/secrets/token")
			return strings.TrimSpace(string(token)), err
		},
	})
	defer c.Close()
}
