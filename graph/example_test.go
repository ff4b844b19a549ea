package graph_test

import (
	"fmt"
	"os"
	"time"

	"bole/graph"
)

// web is a small tree: an edge's label is how it depends.
func web() *graph.Graph[string, string] {
	g := graph.New[string, string]()
	g.Connect("nginx", "app", "requires")
	g.Connect("app", "db", "requires")
	g.Connect("app", "migrate", "requires")
	g.Connect("migrate", "db", "requires")
	g.Connect("cron", "app", "wants")
	return g
}

func ExampleGraph_Order() {
	order, ok := web().Order()
	fmt.Println(order, ok)
	// Output: [db migrate app nginx cron] true
}

func ExampleGraph_Levels() {
	for level, names := range web().Levels() {
		fmt.Println(level, names)
	}
	// Output:
	// 0 [db]
	// 1 [migrate]
	// 2 [app]
	// 3 [nginx cron]
}

// What is blocked when db gives up: all that require it, directly or not.
func ExampleGraph_Above() {
	requires := func(label string) bool { return label == "requires" }
	fmt.Println(web().Above(requires, "db"))
	// Output: [nginx app db migrate]
}

// What a start of migrate and cron brings up.
func ExampleGraph_Below() {
	fmt.Println(web().Below(nil, "migrate", "cron"))
	// Output: [app db migrate cron]
}

func ExampleGraph_Cycle() {
	g := web()
	g.Connect("db", "app", "wants")
	for _, e := range g.Cycle() {
		fmt.Println(e.From, e.Label, e.To)
	}
	// Output:
	// app requires db
	// db wants app
}

func ExampleGraph_Path() {
	for _, e := range web().Path("cron", "db") {
		fmt.Println(e.From, e.Label, e.To)
	}
	// Output:
	// cron wants app
	// app requires db
}

// How long the start takes at best, and what to make faster.
func ExampleCriticalPath() {
	takes := map[string]time.Duration{"db": 2 * time.Second, "migrate": 5 * time.Second, "app": 3 * time.Second}
	chain, sum := graph.CriticalPath(web(), func(name string) time.Duration { return takes[name] })
	fmt.Println(chain, sum)
	// Output: [db migrate app] 10s
}

func ExampleGraph_Reduce() {
	for _, e := range web().Reduce().Edges() { // app → db is said by way of migrate
		fmt.Println(e.From, e.To)
	}
	// Output:
	// nginx app
	// app migrate
	// migrate db
	// cron app
}

func ExampleGraph_DOT() {
	g := graph.New[string, string]()
	g.Connect("cron", "app", "wants")
	dashed := func(e graph.Edge[string, string]) string { return "style=dashed" }
	g.DOT(os.Stdout, "tree", nil, dashed)
	// Output:
	// digraph "tree" {
	// 	"cron";
	// 	"app";
	// 	"cron" -> "app" [style=dashed];
	// }
}
