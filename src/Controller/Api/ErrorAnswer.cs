namespace EdgePrune.Controller.Api;

/// <summary>What went wrong, in the form in which agents say it.</summary>
/// <param name="Kind">A word for programs: <c>input</c>, <c>unauthorized</c>, <c>stale</c>, <c>missing</c>, <c>unavailable</c>, <c>io</c>.</param>
/// <param name="Message">What was wrong, where, and what to do.</param>
internal sealed record ErrorAnswer(string Kind, string Message);
