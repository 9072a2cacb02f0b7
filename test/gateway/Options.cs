using System;
using System.Collections.Generic;
using System.Net;

namespace Gateway
{
	/* The command line. */
	sealed class Options
	{
		internal const string Usage =
@"usage: gateway.exe [lint] --apim FOLDER [options]
       gateway.exe check

lint                     check the policies and end; otherwise serve them
check                    check a document a line of standard input (see PolicyCheck.cs)
--apim FOLDER            policies, fragments, named-values.json, apis.json
--placeholders           lint: named values without a value get a made-up one
--value NAME=TEXT        a named value (TEXT may be env:VARIABLE, as everywhere below)
--secret NAME=env:VAR    the same; only from the environment
--listen ADDRESS         loopback address to listen on (127.0.0.1)
--port N                 0: any (0)
--control-port N         of the control interface (0)
--backend ID=URL         a backend, in the place of the one in apis.json
--map ORIGIN=ORIGIN      calls to the first go to the second
--login URL              where validate-azure-ad-token finds metadata and keys
--ca FILE                PEM: the authorities https servers are trusted by
--identity URL           endpoint of the managed identity
--identity-header TEXT   what it wants as X-IDENTITY-HEADER
--clock real|manual      manual: a retry's pauses advance the clock and take no time (real)
--cache-entries N        capacity of the internal cache (10000)
--kept FOLDER            compiled expressions, named values in them, are kept there for the next start
--cache-miss unset|null  what a missed cache-lookup-value does to its variable (unset)
";

		internal bool Lint, Placeholders;
		internal string Apim, Kept, CaFile, IdentityHeader;
		internal IPAddress Listen = IPAddress.Loopback;
		internal int Port, ControlPort, CacheEntries = 10000;
		internal bool MissIsNull, ManualClock;
		internal Url Login, Identity;
		internal readonly Dictionary<string, string> Values = new Dictionary<string, string>();
		internal readonly Dictionary<string, string> Backends = new Dictionary<string, string>();
		internal readonly Dictionary<string, Url> Places = new Dictionary<string, Url>();

		/* Throws StartException. */
		internal static Options Parse(string[] args)
		{
			var options = new Options();
			var at = 0;
			if (args.Length > 0 && args[0] == "lint")
			{
				options.Lint = true;
				at = 1;
			}
			while (at < args.Length)
			{
				var name = args[at++];
				if (name == "--placeholders")
				{
					options.Placeholders = true;
					continue;
				}
				if (at == args.Length)
					throw new StartException(name + " needs a value\n" + Usage);
				options.Take(name, args[at++]);
			}
			if (options.Apim == null)
				throw new StartException("--apim is missing\n" + Usage);
			return options;
		}

		void Take(string name, string value)
		{
			switch (name)
			{
			case "--apim": Apim = value; break;
			case "--kept": Kept = value; break;
			case "--value": Pair(Values, name, value); break;
			case "--secret": Secret(value); break;
			case "--listen": Listen = Loopback(value); break;
			case "--port": Port = Number(name, value); break;
			case "--control-port": ControlPort = Number(name, value); break;
			case "--backend": Pair(Backends, name, value); break;
			case "--map": Map(value); break;
			case "--login": Login = NeedUrl(name, value); break;
			case "--ca": CaFile = value; break;
			case "--identity": Identity = NeedUrl(name, value); break;
			case "--identity-header": IdentityHeader = Resolve(value); break;
			case "--clock": ManualClock = OneOf(name, value, "real", "manual"); break;
			case "--cache-entries": CacheEntries = Math.Max(1, Number(name, value)); break;
			case "--cache-miss": MissIsNull = OneOf(name, value, "unset", "null"); break;
			default: throw new StartException("unknown option " + name + "\n" + Usage);
			}
		}

		static void Pair(Dictionary<string, string> into, string name, string value)
		{
			var cut = value.IndexOf('=');
			if (cut < 1)
				throw new StartException(name + " wants NAME=VALUE, not " + value);
			into[value.Substring(0, cut)] = Resolve(value.Substring(cut + 1));
		}

		void Secret(string value)
		{
			if (value.IndexOf("=env:", StringComparison.Ordinal) < 1)
				throw new StartException("--secret wants NAME=env:VARIABLE: a command line is no place for one");
			Pair(Values, "--secret", value);
		}

		static string Resolve(string value)
		{
			const string mark = "env:";
			if (!value.StartsWith(mark, StringComparison.Ordinal))
				return value;
			var found = Environment.GetEnvironmentVariable(value.Substring(mark.Length));
			if (found == null)
				throw new StartException("the environment has no " + value.Substring(mark.Length));
			return found;
		}

		void Map(string value)
		{
			var pair = new Dictionary<string, string>();
			Pair(pair, "--map", value);
			foreach (var one in pair)
				Places[NeedUrl("--map", one.Key).Origin] = NeedUrl("--map", one.Value);
		}

		static IPAddress Loopback(string value)
		{
			IPAddress address;
			if (!IPAddress.TryParse(value, out address) || !IPAddress.IsLoopback(address))
				throw new StartException("--listen wants a loopback address: this is no server for others");
			return address;
		}

		static int Number(string name, string value)
		{
			int number;
			if (!int.TryParse(value, out number) || number < 0)
				throw new StartException(name + " wants a number, not " + value);
			return number;
		}

		/* True for the second word. */
		static bool OneOf(string name, string value, string first, string second)
		{
			if (value != first && value != second)
				throw new StartException(name + " is " + first + " or " + second);
			return value == second;
		}

		static Url NeedUrl(string name, string value)
		{
			var url = Url.Parse(value);
			if (url == null)
				throw new StartException(name + " wants a URL, not " + value);
			return url;
		}
	}
}
