namespace EdgePrune.Agent.Service.Api;

/// <summary>What went wrong.</summary>
/// <param name="Kind">A word for programs: <c>input</c>, <c>unauthorized</c>, <c>io</c>, <c>missing</c>, <c>busy</c>, <c>timeout</c>.</param>
/// <param name="Message">What was wrong, where, and what to do.</param>
internal sealed record ErrorAnswer(string Kind, string Message);
