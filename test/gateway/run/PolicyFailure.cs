using System;

namespace Gateway
{
	/* A policy failed: the pipeline goes on in on-error, where context.LastError says this. */
	sealed class PolicyFailure : Exception
	{
		internal const string Expression = "ExpressionValueEvaluationFailure";

		internal readonly int Status;
		/* May be null, as in API Management. */
		internal readonly string Reason;
		/* What the caller reads when there is no on-error; null: nothing but the status. */
		internal string PublicMessage;
		/* A header the answer gets, unless a policy replaces the answer. */
		internal string RetryAfterHeader, RetryAfter;
		/* Where it happened; null: in a step that no policy stands for, named by FailedIn. */
		internal Step Step;
		internal string FailedIn;

		internal PolicyFailure(int status, string reason, string message) : base(message)
		{
			Status = status;
			Reason = reason;
		}

		internal static PolicyFailure OfExpression(string message)
		{
			return new PolicyFailure(500, Expression, message);
		}

		internal static PolicyFailure OfUpstream(UpstreamException e)
		{
			var reason = e.Fault == UpstreamFault.Timeout ? "Timeout"
				: e.Fault == UpstreamFault.ClientGone ? "ClientConnectionFailure"
				: "BackendConnectionFailure";
			return new PolicyFailure(500, reason, e.Message);
		}

		/* What broke off while a body was read. */
		internal static PolicyFailure OfBody(System.IO.IOException e)
		{
			var reason = Upstream.IsTimeout(e) ? "Timeout" : "BackendConnectionFailure";
			return new PolicyFailure(500, reason, e.Message);
		}

		internal LastError ToLastError()
		{
			var error = new LastError { Source = FailedIn, Reason = Reason, Message = Message };
			if (Step == null)
				return error;
			error.Source = Step.Element;
			error.Path = Step.Path;
			error.PolicyId = Step.PolicyId;
			error.Scope = Step.Scope;
			error.Section = Step.Section;
			return error;
		}
	}
}
