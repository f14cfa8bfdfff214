// Puts one kind of load on an etcd and says, as JSON, what came of it and what processor time the server took. It uses
// etcd's own client library, as the Kubernetes API server does. bench/etcdDoor.ts builds and runs it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

var (
	endpoint    = flag.String("endpoint", "127.0.0.1:2379", "where the etcd is")
	load        = flag.String("load", "put", "put, range, list, txn, watch or fill")
	connections = flag.Int("connections", 100, "how many connections")
	clients     = flag.Int("clients", 100, "how many clients share them, each with one request at a time")
	seconds     = flag.Float64("seconds", 5, "how long it is measured, after a third of it to warm up")
	pid         = flag.Int("pid", 0, "the server's process")
	keys        = flag.Int("keys", 10000, "how many keys there are")
	valueBytes  = flag.Int("value", 400, "bytes of a value")
)

type result struct {
	PerSecond float64 `json:"perSecond"`
	// Processors that the server kept busy.
	Cores float64 `json:"cores"`
	P50ms float64 `json:"p50Ms"`
	P99ms float64 `json:"p99Ms"`
}

// 40 bytes, as the keys of Kubernetes are.
func key(n int) string { return fmt.Sprintf("/registry/pods/benchmark/some-pod-%07d", n) }

const prefix = "/registry/pods/benchmark/"

func main() {
	flag.Parse()
	pool := make([]*clientv3.Client, *connections)
	for i := range pool {
		client, err := clientv3.New(clientv3.Config{Endpoints: []string{*endpoint}, DialTimeout: 10 * time.Second})
		check(err)
		defer client.Close()
		pool[i] = client
	}
	value := strings.Repeat("v", *valueBytes)
	switch *load {
	case "fill":
		fill(pool, value)
	case "watch":
		report(watch(pool, value))
	default:
		report(drive(pool, operations[*load], value))
	}
}

type operation func(client *clientv3.Client, n int, value string) error

var operations = map[string]operation{
	"put": func(client *clientv3.Client, n int, value string) error {
		_, err := client.Put(context.Background(), key(n), value)
		return err
	},
	"range": func(client *clientv3.Client, n int, _ string) error {
		_, err := client.Get(context.Background(), key(n))
		return err
	},
	"list": func(client *clientv3.Client, n int, _ string) error {
		_, err := client.Get(context.Background(), key(n), clientv3.WithRange(prefix+"~"), clientv3.WithLimit(50))
		return err
	},
	// As the API server updates an object: only if it is as it was.
	"txn": func(client *clientv3.Client, n int, value string) error {
		_, err := client.Txn(context.Background()).
			If(clientv3.Compare(clientv3.ModRevision(key(n)), "<", 1<<60)).
			Then(clientv3.OpPut(key(n), value)).
			Else(clientv3.OpGet(key(n))).
			Commit()
		return err
	},
}

func drive(pool []*clientv3.Client, do operation, value string) result {
	var count, next atomic.Int64
	var measuring, stop atomic.Bool
	var wait sync.WaitGroup
	latencies := make([][]time.Duration, *clients)
	for i := range *clients {
		wait.Go(func() {
			for !stop.Load() {
				begin := time.Now()
				check(do(pool[i%len(pool)], int(next.Add(1)*7919)%*keys, value))
				if measuring.Load() {
					count.Add(1)
					latencies[i] = append(latencies[i], time.Since(begin))
				}
			}
		})
	}
	measured := measure(&count, &measuring)
	stop.Store(true)
	wait.Wait()
	var all []time.Duration
	for _, some := range latencies {
		all = append(all, some...)
	}
	sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
	measured.P50ms = milliseconds(all[len(all)/2])
	measured.P99ms = milliseconds(all[len(all)*99/100])
	return measured
}

// Every connection watches all keys, ten clients write them: what counts is the events that arrive.
func watch(pool []*clientv3.Client, value string) result {
	var count, next atomic.Int64
	var measuring, stop atomic.Bool
	var wait sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	for _, client := range pool {
		events := client.Watch(ctx, prefix, clientv3.WithPrefix(), clientv3.WithCreatedNotify())
		<-events
		go func() {
			for response := range events {
				if measuring.Load() {
					count.Add(int64(len(response.Events)))
				}
			}
		}()
	}
	writer, err := clientv3.New(clientv3.Config{Endpoints: []string{*endpoint}})
	check(err)
	defer writer.Close()
	for range 10 {
		wait.Go(func() {
			for !stop.Load() {
				_, err := writer.Put(ctx, key(int(next.Add(1))%*keys), value)
				check(err)
			}
		})
	}
	measured := measure(&count, &measuring)
	stop.Store(true)
	wait.Wait()
	cancel()
	return measured
}

func fill(pool []*clientv3.Client, value string) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for i := range *clients {
		wait.Go(func() {
			for n := int(next.Add(1)); n <= *keys; n = int(next.Add(1)) {
				_, err := pool[i%len(pool)].Put(context.Background(), key(n), value)
				check(err)
			}
		})
	}
	wait.Wait()
}

func measure(count *atomic.Int64, measuring *atomic.Bool) result {
	duration := time.Duration(*seconds * float64(time.Second))
	time.Sleep(duration / 3)
	busy, begin := processorSeconds(), time.Now()
	measuring.Store(true)
	time.Sleep(duration)
	measuring.Store(false)
	elapsed := time.Since(begin).Seconds()
	return result{
		PerSecond: float64(count.Load()) / elapsed,
		Cores:     (processorSeconds() - busy) / elapsed,
	}
}

// User and system time of the server; Linux counts hundredths of a second.
func processorSeconds() float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", *pid))
	check(err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, err := strconv.ParseFloat(fields[11], 64)
	check(err)
	system, err := strconv.ParseFloat(fields[12], 64)
	check(err)
	return (user + system) / 100
}

func milliseconds(duration time.Duration) float64 { return float64(duration.Microseconds()) / 1000 }

func report(measured result) {
	check(json.NewEncoder(os.Stdout).Encode(measured))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
