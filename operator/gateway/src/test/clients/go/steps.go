// The same steps with each transport of Google's Go client: prints what comes back, for a comparison with transcript.txt.
// Usage: steps TRANSPORT, which is grpc or rest. Everything else is found in the environment, as in a Pod.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	cloudtasks "cloud.google.com/go/cloudtasks/apiv2"
	tasks "cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/iterator"
	"google.golang.org/genproto/googleapis/cloud/location"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const parent = "projects/demo/locations/us-central1"

var (
	ctx   = context.Background()
	queue = "go-" + os.Args[1]
	name  = parent + "/queues/" + queue
)

func main() {
	client := newClient()
	defer client.Close()
	queueSteps(client)
	created := taskSteps(client)
	targetSteps(client)
	lastSteps(client, created)
}

func newClient() *cloudtasks.Client {
	open := cloudtasks.NewClient
	if os.Args[1] == "rest" {
		open = cloudtasks.NewRESTClient
	}
	return must(open(ctx))
}

func queueSteps(client *cloudtasks.Client) {
	request := &tasks.CreateQueueRequest{Parent: parent, Queue: &tasks.Queue{
		Name:        name,
		RateLimits:  &tasks.RateLimits{MaxDispatchesPerSecond: 5, MaxConcurrentDispatches: 2},
		RetryConfig: &tasks.RetryConfig{MaxAttempts: 7, MinBackoff: durationpb.New(2 * time.Second)},
	}}
	created := must(client.CreateQueue(ctx, request))
	rate, retry := created.GetRateLimits(), created.GetRetryConfig()
	fmt.Println("created queue:", short(created.GetName()), created.GetState(), rate.GetMaxDispatchesPerSecond(),
		rate.GetMaxConcurrentDispatches(), retry.GetMaxAttempts(), retry.GetMinBackoff().AsDuration())
	_, err := client.CreateQueue(ctx, request)
	refused("created queue again", err)
	updated := must(client.UpdateQueue(ctx, &tasks.UpdateQueueRequest{
		Queue:      &tasks.Queue{Name: name, RateLimits: &tasks.RateLimits{MaxDispatchesPerSecond: 9}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"rate_limits.max_dispatches_per_second"}},
	})).GetRateLimits()
	fmt.Println("updated queue:", updated.GetMaxDispatchesPerSecond(), updated.GetMaxConcurrentDispatches())
	fmt.Println("paused queue:", must(client.PauseQueue(ctx, &tasks.PauseQueueRequest{Name: name})).GetState())
	fmt.Println("resumed queue:", must(client.ResumeQueue(ctx, &tasks.ResumeQueueRequest{Name: name})).GetState())
	queues, found := client.ListQueues(ctx, &tasks.ListQueuesRequest{Parent: parent}), false
	for one, err := queues.Next(); err != iterator.Done; one, err = queues.Next() {
		check(err)
		found = found || one.GetName() == name
	}
	fmt.Println("listed queue:", found)
	locations := client.ListLocations(ctx, &location.ListLocationsRequest{Name: "projects/demo"})
	fmt.Println("location:", must(locations.Next()).GetLocationId())
	granted := must(client.TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{
		Resource: name, Permissions: []string{"cloudtasks.tasks.create"},
	}))
	fmt.Println("granted:", strings.Join(granted.GetPermissions(), " "))
}

func taskSteps(client *cloudtasks.Client) string {
	request := &tasks.CreateTaskRequest{Parent: name, Task: &tasks.Task{
		Name: name + "/tasks/order_4711-invoice",
		MessageType: &tasks.Task_HttpRequest{HttpRequest: &tasks.HttpRequest{
			Url:        "http://order-worker/tasks/invoice",
			HttpMethod: tasks.HttpMethod_PUT,
			Headers:    map[string]string{"Content-Type": "application/json"},
			Body:       []byte(`{"orderId": "4711"}`),
		}},
		DispatchDeadline: durationpb.New(time.Minute),
	}}
	created := must(client.CreateTask(ctx, request))
	fmt.Println("created task:", short(created.GetName()), created.GetHttpRequest().GetUrl(), created.GetHttpRequest().GetHttpMethod())
	_, err := client.CreateTask(ctx, request)
	refused("created task again", err)
	read := must(client.GetTask(ctx, &tasks.GetTaskRequest{Name: created.GetName(), ResponseView: tasks.Task_FULL}))
	fmt.Printf("read task: %s %ds %s\n", read.GetHttpRequest().GetBody(), read.GetDispatchDeadline().GetSeconds(), read.GetView())
	return created.GetName()
}

func targetSteps(client *cloudtasks.Client) {
	at := timestamppb.New(time.Now().Add(time.Hour).Truncate(time.Microsecond))
	scheduled := create(client, &tasks.Task{MessageType: httpTo("http://order-worker/", nil), ScheduleTime: at})
	if scheduled.GetScheduleTime().AsTime().Equal(at.AsTime()) {
		fmt.Println("scheduled task: as asked")
	} else {
		fmt.Println("scheduled task:", scheduled.GetScheduleTime(), "in place of", at)
	}
	account := &tasks.HttpRequest_OidcToken{OidcToken: &tasks.OidcToken{ServiceAccountEmail: "sa@demo.iam.gserviceaccount.com"}}
	token := create(client, &tasks.Task{MessageType: httpTo("https://my-worker.run.app/mails", account)}).GetHttpRequest().GetOidcToken()
	fmt.Println("task with a token:", token.GetServiceAccountEmail(), token.GetAudience())
	target := create(client, &tasks.Task{MessageType: &tasks.Task_AppEngineHttpRequest{AppEngineHttpRequest: &tasks.AppEngineHttpRequest{
		RelativeUri:      "/mails?id=7",
		AppEngineRouting: &tasks.AppEngineRouting{Service: "worker", Version: "v2"},
		Body:             []byte("hello"),
	}}}).GetAppEngineHttpRequest()
	fmt.Println("task for App Engine:", target.GetRelativeUri(), target.GetAppEngineRouting().GetService(), target.GetAppEngineRouting().GetVersion())
}

func httpTo(url string, token *tasks.HttpRequest_OidcToken) *tasks.Task_HttpRequest {
	request := &tasks.HttpRequest{Url: url}
	if token != nil {
		request.AuthorizationHeader = token
	}
	return &tasks.Task_HttpRequest{HttpRequest: request}
}

func create(client *cloudtasks.Client, task *tasks.Task) *tasks.Task {
	return must(client.CreateTask(ctx, &tasks.CreateTaskRequest{Parent: name, Task: task}))
}

func lastSteps(client *cloudtasks.Client, task string) {
	all, count := client.ListTasks(ctx, &tasks.ListTasksRequest{Parent: name, PageSize: 3}), 0
	for _, err := all.Next(); err != iterator.Done; _, err = all.Next() {
		check(err)
		count++
	}
	fmt.Println("listed tasks:", count)
	fmt.Println("ran task:", short(must(client.RunTask(ctx, &tasks.RunTaskRequest{Name: task})).GetName()))
	check(client.DeleteTask(ctx, &tasks.DeleteTaskRequest{Name: task}))
	fmt.Println("deleted task")
	_, err := client.GetTask(ctx, &tasks.GetTaskRequest{Name: task})
	refused("read task again", err)
	_, err = client.CreateTask(ctx, &tasks.CreateTaskRequest{Parent: name, Task: &tasks.Task{MessageType: httpTo("ftp://x", nil)}})
	refused("wrong url", err)
	_, err = client.GetQueue(ctx, &tasks.GetQueueRequest{Name: "projects/other/locations/us-central1/queues/q"})
	refused("foreign project", err)
	fmt.Println("purged queue:", must(client.PurgeQueue(ctx, &tasks.PurgeQueueRequest{Name: name})).GetState())
	check(client.DeleteQueue(ctx, &tasks.DeleteQueueRequest{Name: name}))
	fmt.Println("deleted queue")
	_, err = client.GetQueue(ctx, &tasks.GetQueueRequest{Name: name})
	refused("read queue again", err)
}

func refused(what string, err error) {
	var refusal *apierror.APIError
	if !errors.As(err, &refusal) {
		fmt.Printf("%s: %v\n", what, err)
		return
	}
	var code int
	var sentence string
	if status := refusal.GRPCStatus(); refusal.HTTPCode() < 0 && status != nil {
		sentence = status.Message()
		code = map[codes.Code]int{codes.InvalidArgument: 400, codes.NotFound: 404, codes.AlreadyExists: 409, codes.PermissionDenied: 403}[status.Code()]
	} else {
		code = refusal.HTTPCode()
		// "googleapi: Error 404: " comes before the sentence.
		_, sentence, _ = strings.Cut(refusal.Unwrap().Error(), fmt.Sprintf("Error %d: ", code))
	}
	fmt.Printf("%s: refused, %d, %s\n", what, code, strings.TrimSpace(sentence[:min(40, len(sentence))]))
}

func short(text string) string {
	return strings.Replace(text, queue, "QUEUE", 1)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
