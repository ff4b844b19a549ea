package tree

import "time"

// What every key says, once. The order is that of the manual.

var identityKeys = []Key{
	textKey("description", "what the service is, for people", `"the shop's database"`, func(d *definition) *string { return &d.Description }),
	{"enabled", &Type{Words: "boolean, or a string that expands to one", Schema: switchSchema}, "true", "false: in the tree, but not started by itself", `"${CRON:-false}"`, setEnabled},
	wordsKey("only-if", "a command that says whether the service is to run at all, asked before each start: if it ends with another code than 0 the service is skipped, which counts as done", `"test -e /etc/tls/key.pem"`, func(d *definition) *[]string { return &d.OnlyIf }),
	{"instances", &Type{Words: "integer, or a string that expands to one", Schema: instancesSchema}, "1", "how many of it there are: more than one are NAME@1, NAME@2 …, each with its number in INSTANCE, and NAME is their bundle", `"${WORKERS:-4}"`, nil},
	boolKey("replace", false, "in a later layer: begin with nothing instead of amending the service", func(d *definition) *bool { return &d.replace }),
}

var processKeys = join([]Key{
	textKey("directory", "the working directory", `"/srv/app"`, func(d *definition) *string { return &d.Directory }),
	{"env", variablesType, "", "variables of the environment, on top of bole's own and the tree's", `{ TZ = "UTC" }`, nil},
	{"env-file", envFileType, "", "files of NAME=value lines, or directories of one file a variable, below env", `"/etc/app.env"`, nil},
	boolKey("clear-env", false, "do not pass on the environment that bole itself was started with", func(d *definition) *bool { return &d.clearEnv }),
	{"user", accountType, "", "who runs it, with that user's groups; \"uid:gid\" says both", `"www-data"`, setUser},
	{"group", accountType, "", "its group, instead of the user's", `"www-data"`, setGroup},
	{"groups", &Type{Words: "array of names or numbers", Schema: func() Schema { return arrayOf(accountSchema()) }}, "", "its supplementary groups, instead of the user's", `["ssl-cert"]`, setGroups},
	{"create-directories", listType("array of paths or { path, mode, user, group }", pathSchema, directoryParts, "path"), "[]", "made before each start where they are missing, and then given that mode and owner; without those, mode 0755 and the service's user", `["/run/app", { path = "/var/cache/app", mode = "0750", group = "www-data" }]`, setDirectories},
	wordsKey("prepare", "a command that is run before each start; if it fails, the start has failed", `"app check-config"`, func(d *definition) *[]string { return &d.Prepare }),
}, attributeKeys)

var orderKeys = []Key{
	dependencyKey("requires", "starts them too, and starts itself only when they are ready; stops before them", Requires, false),
	dependencyKey("wants", "starts them too, and starts itself when they are ready or have given up", Wants, false),
	dependencyKey("after", "if they are to be started at all, starts itself when they are ready or have given up", After, false),
	dependencyKey("binds", "as requires, and goes down and comes back together with them", Binds, false),
	dependencyKey("required-by", "the other way round: they require this", Requires, true),
	dependencyKey("wanted-by", "the other way round: they want this", Wants, true),
	dependencyKey("before", "the other way round: they come after this", After, true),
}

var backoffKeys = []Key{
	durationKey("restart-delay", "200ms", "the wait before it is started again; doubled each time, a tenth more or less by chance", func(d *definition) *time.Duration { return &d.Restart.Delay }),
	durationKey("restart-max-delay", "30s", "the longest such wait", func(d *definition) *time.Duration { return &d.Restart.MaxDelay }),
	durationKey("restart-reset", "10s", "ready that long, the wait begins anew", func(d *definition) *time.Duration { return &d.Restart.Reset }),
	{"restart-limit", tableType("{ count, within }", limitParts), "", "how often it is started again by itself before it gives up; without within: in a row", `{ count = 5, within = "1m" }`, setLimit},
}

var longrunKeys = join(
	identityKeys,
	[]Key{wordsKey("command", "what runs: an array is the arguments as they are, a string is split into words as a shell does, without running one", `["nginx", "-g", "daemon off;"]`, func(d *definition) *[]string { return &d.Command })},
	processKeys, orderKeys,
	[]Key{
		{"ready", readyType(), "", "how it is known to be ready, see Readiness; without it, it is as soon as it runs", `{ tcp = "127.0.0.1:5432" }`, setReady},
		{"health", healthType(), "", "how it is known, again and again, to be well, see Health", `{ http = "http://127.0.0.1:8080/health", interval = "10s", failures = 3 }`, setHealth},
		{"watchdog", durationType, `"0s"`, "how often it is to send WATCHDOG=1 as for sd_notify(3), or it has failed, see Health; \"0s\" is never", `"30s"`, setWatchdog},
		durationKey("start-timeout", "1m", "the longest that it may take to become ready; \"0s\" is for ever", func(d *definition) *time.Duration { return &d.StartTimeout }),
		choiceKey("restart", "always", "after which ends it is started again", []string{"always", "on-failure", "never"}, []Policy{Always, OnFailure, Never}, func(d *definition) *Policy { return &d.Restart.Policy }),
	},
	backoffKeys,
	[]Key{
		codesKey("success-codes", `[0, "SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"]`, "the ends that are no failure", func(d *definition) *Codes { return &d.OnSuccess }),
		codesKey("give-up-codes", "[125]", "the ends after which it is not started again", func(d *definition) *Codes { return &d.GiveUp }),
		pathKey("pid-file", "for a command that forks and ends: the file in which it leaves the number of the process that stays, which is the service's from then on; the file makes it ready", `"/run/app.pid"`, func(d *definition) *string { return &d.PIDFile }),
		wordsKey("stop-command", "what is run to stop it; when that has ended, the stop signal is sent if the process is still there", `"app shutdown --graceful"`, func(d *definition) *[]string { return &d.StopCommand }),
		{"stop-signal", signalType, `"SIGTERM"`, "what tells it to stop", `"SIGQUIT"`, setStopSignal},
		durationKey("stop-timeout", "5s", "how long it may take to stop before SIGKILL; \"0s\" is for ever", func(d *definition) *time.Duration { return &d.StopTimeout }),
		choiceKey("kill", "mixed", "whom a stop's signals are for: mixed is the main process, then what it leaves behind; group is the process group; process is the main process alone", []string{"mixed", "group", "process"}, []KillMode{KillMixed, KillGroup, KillProcess}, func(d *definition) *KillMode { return &d.Kill }),
		{"reload", &Type{Words: "signal name, or command", Schema: reloadSchema}, "", "what has it read its configuration again without an end", `"SIGHUP"`, setReload},
		wordsKey("finish", "what is run after each end of the process, with the exit code (256 after a signal), the signal's number or 0, the service's name and the process group; if it ends with 125 the service gives up", `["sh", "-c", "echo ended with $1"]`, func(d *definition) *[]string { return &d.Finish }),
		durationKey("finish-timeout", "5s", "how long finish may take before SIGKILL; \"0s\" is for ever", func(d *definition) *time.Duration { return &d.FinishTimeout }),
		boolKey("essential", false, "when it ends for good the tree is torn down, and bole ends with its code", func(d *definition) *bool { return &d.Essential }),
		onFailureKey("the tree's", "when it gives up: keep the tree up, or tear it down", func(d *definition) *Consequence { return &d.OnFailure }),
	},
)

var oneshotKeys = join(
	identityKeys,
	[]Key{
		wordsKey("up", "the command to run on the way up; done when it ends with code 0", `"app migrate"`, func(d *definition) *[]string { return &d.Command }),
		wordsKey("down", "the command to run on the way down, if up has succeeded", `"app cleanup"`, func(d *definition) *[]string { return &d.Down }),
		durationKey("up-timeout", "0s", "the longest that up may take; \"0s\" is for ever", func(d *definition) *time.Duration { return &d.StartTimeout }),
		durationKey("down-timeout", "5s", "how long down may take, or an interrupted up, before SIGKILL; \"0s\" is for ever", func(d *definition) *time.Duration { return &d.StopTimeout }),
	},
	processKeys, orderKeys,
	[]Key{choiceKey("restart", "never", "whether a failed up is tried again", []string{"never", "on-failure"}, []Policy{Never, OnFailure}, func(d *definition) *Policy { return &d.Restart.Policy })},
	backoffKeys,
)

var bundleKeys = []Key{
	textKey("description", "what the bundle is for, for people", `"the web side"`, func(d *definition) *string { return &d.Description }),
	boolKey("replace", false, "in a later layer: begin with nothing instead of amending the bundle", func(d *definition) *bool { return &d.replace }),
	{"contains", namesType, "[]", "the services, oneshots and bundles that the name stands for", `["app", "nginx"]`, setContains},
}

var treeKeys = []Key{
	{"start", namesType, "every enabled service", "what up brings up, with all that these bring in", `["web"]`, setStart},
	durationKey("shutdown-timeout", "9s", "the longest that the whole teardown may take; \"0s\" is for ever", func(d *definition) *time.Duration { return &d.settings.ShutdownTimeout }),
	onFailureKey("keep", "when a service gives up: keep the tree up for inspection, or tear it down", func(d *definition) *Consequence { return &d.settings.OnFailure }),
	signalsKey("stop-signals", `["SIGTERM", "SIGINT", "SIGQUIT", "SIGPWR", "SIGRTMIN+3"]`, "what makes bole tear the tree down", func(d *definition) *[]int { return &d.settings.StopSignals }),
	signalsKey("pass-signals", "[]", "what goes on to the command that bole was given, or else to the essential services; SIGWINCH does so in any case", func(d *definition) *[]int { return &d.settings.PassSignals }),
	pathKey("postmortem-dir", "a directory in which the scene is kept, as JSON, each time a service gives up: on a volume it outlives the container", `"/var/lib/bole"`, func(d *definition) *string { return &d.settings.PostmortemDir }),
	{"control", controlType(), "the first usual place that can be had", "the socket at which bole is asked and told things; with a group or a mode, others than root and bole's own user are let in", `{ path = "/run/bole.sock", mode = "0660", group = "adm" }`, setControl},
	{"http", &Type{Words: "address to listen at", Schema: addressType.Schema}, "", "where /livez, /readyz and /metrics are answered over HTTP, for orchestrators", `"127.0.0.1:9090"`, setHTTP},
	{"env", variablesType, "", "variables of every service's environment", `{ TZ = "UTC" }`, nil},
	{"env-file", envFileType, "", "files of such variables", `"/etc/container.env"`, nil},
}

func onFailureKey(standard, doc string, field func(*definition) *Consequence) Key {
	k := choiceKey("on-failure", standard, doc, []string{"keep", "shutdown"}, []Consequence{Keep, Shutdown}, field)
	if standard != "keep" {
		k.Default = standard
	}
	return k
}

func join(groups ...[]Key) (out []Key) {
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// otherNames are what other supervisors call some of the keys.
var otherNames = map[string]string{
	"cmd": "command", "exec": "command", "execstart": "command", "exec-start": "command", "entrypoint": "command", "run": "command",
	"environment": "env", "environment-file": "env-file", "environmentfile": "env-file", "envfile": "env-file",
	"workdir": "directory", "working-dir": "directory", "working-directory": "directory", "workingdirectory": "directory", "cwd": "directory", "dir": "directory",
	"autostart": "enabled", "disabled": "enabled", "uid": "user", "gid": "group", "supplementary-groups": "groups", "supplementarygroups": "groups",
	"depends-on": "requires", "depends": "requires", "dependencies": "requires", "needs": "requires", "bindsto": "binds", "binds-to": "binds", "part-of": "binds", "partof": "binds",
	"waits-for": "wants", "autorestart": "restart", "restart-sec": "restart-delay", "restartsec": "restart-delay", "startretries": "restart-limit",
	"start-limit": "restart-limit", "exitcodes": "success-codes", "exit-codes": "success-codes", "successexitstatus": "success-codes",
	"stopsignal": "stop-signal", "kill-signal": "stop-signal", "killsignal": "stop-signal", "stop-grace-period": "stop-timeout", "stopwaitsecs": "stop-timeout",
	"timeoutstopsec": "stop-timeout", "timeoutstartsec": "start-timeout", "kill-mode": "kill", "killmode": "kill", "notify-fd": "ready", "notification-fd": "ready", "healthcheck": "health", "health-check": "health", "liveness": "health", "livenessprobe": "health", "liveness-probe": "health", "readinessprobe": "ready", "readiness": "ready", "readiness-probe": "ready",
	"watchdogsec": "watchdog", "watchdog-sec": "watchdog", "watchdog-timeout": "watchdog",
	"limitnofile": "limits", "ulimits": "limits", "rlimits": "limits", "oomscoreadjust": "oom-score-adj", "oom-score-adjust": "oom-score-adj", "rootdirectory": "chroot", "root-directory": "chroot",
	"nonewprivileges": "no-new-privileges", "capabilityboundingset": "capabilities", "cap-add": "capabilities", "ambientcapabilities": "ambient-capabilities",
	"cpuaffinity": "cpu-affinity", "cpuset": "cpu-affinity", "priority": "nice", "standardinput": "stdin", "ttypath": "tty",
	"execstartpre": "prepare", "exec-start-pre": "prepare", "pre-start": "prepare", "condition": "only-if", "execcondition": "only-if", "execstop": "stop-command", "exec-stop": "stop-command", "pre-stop": "stop-command",
	"execreload": "reload", "exec-reload": "reload", "reload-signal": "reload", "reload-command": "reload",
	"execstoppost": "finish", "post-stop": "finish", "pidfile": "pid-file", "runtimedirectory": "create-directories", "make-dirs": "create-directories", "runtime-directory": "create-directories",
	"numprocs": "instances", "replicas": "instances", "scale": "instances", "count": "instances",
	"services": "contains", "members": "contains", "contents": "contains",
}
